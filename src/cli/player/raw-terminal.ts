import type { CliIo } from '../io.ts';
import { type Key, KeyReader } from './keys.ts';

const ENTER = '\x1b[?1049h\x1b[?7l\x1b[2J\x1b[H';
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1049l';

export interface RawTerminal {
  /** Called with each key; keys pressed before are lost. */
  onKey(callback: (key: Key) => void): void;
  /** Called when a signal tells the process to stop. */
  onStop(callback: (signal: NodeJS.Signals) => void): void;
  onResize(callback: () => void): void;
  close(): void;
}

/**
 * Puts the viewer's terminal into raw mode and onto the alternate screen until `close`. It is put back on `close`
 * and when the process ends for any other reason.
 */
export function openRawTerminal(io: CliIo): RawTerminal {
  const { stdin, stdout } = io;
  const reader = new KeyReader();
  const callbacks: { key?: (key: Key) => void; stop?: (signal: NodeJS.Signals) => void; resize?: () => void } = {};
  let open = true;

  const onData = (chunk: Buffer | string) => {
    for (const key of reader.push(chunk)) callbacks.key?.(key);
  };
  const onResize = () => callbacks.resize?.();
  stdout.write(ENTER);
  if (stdin.isTTY) {
    stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdin.resume();
  }
  stdout.on('resize', onResize);
  const offSignal = io.onSignal((signal) => callbacks.stop?.(signal));

  const close = () => {
    if (!open) return;
    open = false;
    process.off('exit', close);
    offSignal();
    stdout.off('resize', onResize);
    stdout.write(LEAVE);
    if (stdin.isTTY) {
      stdin.off('data', onData);
      stdin.pause();
      stdin.setRawMode?.(false);
    }
  };
  process.on('exit', close);

  return {
    onKey(callback) {
      callbacks.key = callback;
    },
    onStop(callback) {
      callbacks.stop = callback;
    },
    onResize(callback) {
      callbacks.resize = callback;
    },
    close,
  };
}

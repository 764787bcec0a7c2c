import { once } from 'node:events';
import { type CliIo, Interrupted } from '../io.ts';
import { byteLines, parseEvent, parseHeader } from './cast.ts';

export interface PlayOptions {
  /** How many times faster than it happened; Infinity writes everything at once. */
  readonly speed: number;
  /** Pauses are shortened to this many seconds. */
  readonly idleLimit: number;
  /** Begin at this second; what came before is written at once, so that the screen is right. */
  readonly at: number;
}

/**
 * Writes the output of a recording as it was, at its pace: for a pipe or a file, where there is no terminal to play
 * on.
 */
export async function playPlain(io: CliIo, source: AsyncIterable<Uint8Array>, options: PlayOptions): Promise<void> {
  let stopped: NodeJS.Signals | undefined;
  let wake = () => {};
  const offSignal = io.onSignal((signal) => {
    stopped = signal;
    wake();
  });
  try {
    let header: ReturnType<typeof parseHeader> | undefined;
    let position = options.at;
    for await (const line of byteLines(source)) {
      if (!header) {
        header = parseHeader(line);
        continue;
      }
      const event = parseEvent(line);
      if (!event) continue;
      const wait = Math.min(event.at - position, options.idleLimit) / options.speed;
      if (wait > 0) {
        position = event.at;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, wait * 1000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (stopped) throw new Interrupted(stopped);
      if (event.kind !== 'o') continue;
      // without a terminal the recording's CR LF stands for the LF of the program
      const text = header.terminal ? event.data : event.data.replaceAll('\r\n', '\n');
      if (!io.stdout.write(text)) await once(io.stdout, 'drain');
    }
  } finally {
    offSignal();
  }
}

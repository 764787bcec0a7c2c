import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import { type CliIo, Interrupted } from './io.ts';

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_U = 0x15;
const ESCAPE = 0x1b;
const LONGEST = 64 * 1024;

/** Whether somebody sits at a terminal who can be asked. */
export function canAsk(io: CliIo): boolean {
  return io.stdin.isTTY === true && io.stdin.setRawMode !== undefined;
}

/** Asks for a secret without showing it. `instead` names what to use where there is no terminal. */
export async function askHidden(io: CliIo, question: string, instead: string): Promise<Secret> {
  requireTerminal(io, instead);
  const bytes = await readLine(io, `${question}: `, false);
  const secret = Secret.of(bytes);
  bytes.fill(0);
  return secret;
}

/** Asks for a new secret twice; three tries to type the same. */
export async function askNewSecret(io: CliIo, what: string, instead: string): Promise<Secret> {
  for (let tries = 0; tries < 3; tries++) {
    const first = await askHidden(io, what, instead);
    if (first.length === 0) throw new AppError('usage', `No ${what.toLowerCase()} was typed, nothing was changed.`);
    const again = await askHidden(io, `${what} again`, instead);
    if (first.expose().equals(again.expose())) return first;
    io.stderr.write('They differ; please type it again.\n');
  }
  throw new AppError('usage', 'The two were different three times, nothing was changed.');
}

/** Asks for a line of text, shown as it is typed. */
export async function askLine(io: CliIo, question: string, instead: string): Promise<string> {
  requireTerminal(io, instead);
  return (await readLine(io, `${question}: `, true)).toString('utf8').trim();
}

function requireTerminal(io: CliIo, instead: string): void {
  if (!canAsk(io)) throw new AppError('usage', `There is no terminal to ask on; ${instead}.`);
}

/**
 * Reads one line from the terminal in raw mode, so that nothing the kernel echoes shows. Bytes typed ahead of the
 * end of the line are put back for the next question. Ctrl-C and Ctrl-D give up with `Interrupted`.
 */
function readLine(io: CliIo, question: string, echo: boolean): Promise<Buffer> {
  const { stdin, stderr } = io;
  return new Promise<Buffer>((resolve, reject) => {
    let typed: number[] = [];
    let inEscape = false;
    const offSignal = io.onSignal((signal) => finish(() => reject(new Interrupted(signal))));

    const finish = (settle: () => void) => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.pause();
      stdin.setRawMode?.(false);
      offSignal();
      stderr.write('\n');
      settle();
    };
    const onEnd = () => finish(() => reject(new AppError('usage', 'The terminal went away; nothing was changed.')));
    const onData = (data: Buffer | string) => {
      const chunk = Buffer.from(data);
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!;
        if (inEscape) {
          // arrow keys and the like: swallow up to the final letter
          if (byte !== 0x5b && byte !== 0x4f && byte >= 0x40) inEscape = false;
        } else if (byte === ESCAPE) {
          inEscape = true;
        } else if (byte === CTRL_C || (byte === CTRL_D && typed.length === 0)) {
          return finish(() => reject(new Interrupted()));
        } else if (byte === 0x0d || byte === 0x0a) {
          const rest = chunk.subarray(i + 1);
          return finish(() => {
            if (rest.length > 0) stdin.unshift(rest);
            resolve(Buffer.from(typed));
          });
        } else if (byte === 0x7f || byte === 0x08) {
          erase(typed, echo ? stderr : undefined);
        } else if (byte === CTRL_U) {
          while (typed.length > 0) erase(typed, echo ? stderr : undefined);
          typed = [];
        } else if (byte >= 0x20 && typed.length < LONGEST) {
          typed.push(byte);
          if (echo) stderr.write(Buffer.of(byte));
        }
      }
    };
    // before the question: whoever answers at once must not be echoed
    stdin.setRawMode?.(true);
    stderr.write(question);
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}

/** Takes the last character, all of its UTF-8 bytes, off again. */
function erase(typed: number[], shown: NodeJS.WritableStream | undefined): void {
  if (typed.length === 0) return;
  let byte = typed.pop()!;
  while ((byte & 0xc0) === 0x80 && typed.length > 0) byte = typed.pop()!;
  shown?.write('\b \b');
}

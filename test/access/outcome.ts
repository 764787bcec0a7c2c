import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientChannel } from 'ssh2';
import { FORCED } from './credentials.ts';
import type { Door } from './entries.ts';
import { Sftp } from './sftp-client.ts';
import type { Witness } from './witness-files.ts';

/** What came of a try: whether it had its effect on the target or got what is there, and what the client was told. */
export interface Outcome {
  readonly effect: boolean;
  /** The refusal; undefined when there was none. */
  readonly refusal?: string | undefined;
  /** The forced command ran. */
  readonly forced?: boolean;
  /** Everything the client saw, for a failing cell. */
  readonly seen?: string;
}

/** What one cell works with: files of its own, under a name nobody else uses. */
export interface Scratch {
  readonly token: string;
  readonly dir: string;
  readonly witness: Witness;
}

export type Driver = (door: Door, scratch: Scratch) => Promise<Outcome>;

/** What a session channel printed until it closed, or why it was not opened. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly failure: string | undefined;
}

export function running(
  begin: (callback: (error: Error | undefined, channel: ClientChannel) => void) => void,
  use: (channel: ClientChannel) => void,
): Promise<Run> {
  return new Promise((resolve) => {
    try {
      begin((error, channel) => {
        if (error) return resolve({ code: null, out: '', err: '', failure: error.message });
        let out = '';
        let err = '';
        let code: number | null = null;
        channel.on('data', (chunk: Buffer) => {
          out += chunk.toString('latin1');
        });
        channel.stderr.on('data', (chunk: Buffer) => {
          err += chunk;
        });
        channel.on('exit', (status: number | null) => {
          code = status;
        });
        channel.on('close', () => resolve({ code, out, err, failure: undefined }));
        use(channel);
      });
    } catch (error) {
      resolve({ code: null, out: '', err: '', failure: (error as Error).message });
    }
  });
}

/** A refusal is a channel that is not opened, or exit 254 and the bastion's one line. */
export function outcomeOf({ code, out, err, failure }: Run, effect: boolean): Outcome {
  const line = /bastion: [^\r\n]*/.exec(err + out)?.[0];
  const refusal = failure ?? (code === 254 ? (line ?? 'exit 254 without a word') : undefined);
  return {
    effect,
    refusal,
    forced: out.includes(FORCED),
    seen: JSON.stringify({ code, out, err, failure }).slice(0, 400),
  };
}

export async function startSftp(
  begin: (callback: (error: Error | undefined, channel: ClientChannel) => void) => void,
): Promise<Sftp | Outcome> {
  return new Promise((resolve) => {
    begin((error, channel) => {
      if (error) return resolve({ effect: false, refusal: error.message });
      let code: number | null = null;
      channel.on('exit', (status: number | null) => {
        code = status;
      });
      void Sftp.start(channel).then((got) =>
        resolve(got instanceof Sftp ? got : outcomeOf({ code, out: got, err: '', failure: undefined }, false)),
      );
    });
  });
}

/** What a cell brings to the target, and what lies there to be fetched. */
export const up = (scratch: Scratch) => join(scratch.dir, 'up');
export const touched = (scratch: Scratch) => existsSync(up(scratch));
export const source = (scratch: Scratch) => scratch.witness.file(join(scratch.dir, 'source'));

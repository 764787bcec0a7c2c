import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientChannel } from 'ssh2';
import { eventually } from '../kit/process.ts';
import { PTY, RSYNC_HELLO, repository, tarWith } from './channels.ts';
import type { Door } from './entries.ts';
import { CHANNELS, type Channel } from './model.ts';
import { type Outcome, outcomeOf, type Scratch, source, startSftp } from './outcome.ts';
import { FXP, Sftp } from './sftp-client.ts';
import { OPERATIONS } from './sftp-operations.ts';

/** A use that runs until somebody ends it. */
export interface LiveUse {
  /** Resolves when it is over; afterwards nothing may be possible through it. */
  over(): Promise<unknown>;
}

type Begin = (callback: (error: Error | undefined, channel: ClientChannel) => void) => void;

/** Opens a channel, sends something, and has it when something came back. */
function answered(begin: Begin, send: string | Buffer, wanted: RegExp): Promise<LiveUse | Outcome> {
  return new Promise((resolve) => {
    begin((error, channel) => {
      if (error) return resolve({ effect: false, refusal: error.message });
      let out = '';
      let err = '';
      let code: number | null = null;
      channel.on('exit', (status: number | null) => {
        code = status;
      });
      channel.stderr?.on('data', (chunk: Buffer) => {
        err += chunk;
      });
      const closed = new Promise<void>((end) => channel.on('close', () => end()));
      void closed.then(() => resolve(outcomeOf({ code, out, err, failure: undefined }, false)));
      let stands = false;
      channel.on('data', (chunk: Buffer) => {
        if (stands) return;
        out += chunk.toString('latin1');
        stands = wanted.test(out);
        if (!stands) return;
        // what is sent without end stands still meanwhile
        channel.pause();
        resolve({
          over: () => {
            channel.resume();
            return closed;
          },
        });
      });
      channel.write(send);
    });
  });
}

type Opener = (door: Door, scratch: Scratch) => Promise<LiveUse | Outcome>;

const commanded =
  (words: (scratch: Scratch) => string, send: string | Buffer, wanted: RegExp): Opener =>
  (door, scratch) =>
    answered((callback) => door.client.exec(words(scratch), callback), send, wanted);

const ANYTHING = /./s;
const bare = (scratch: Scratch) => {
  repository(scratch);
  return join(scratch.dir, 'repository');
};

function large({ dir }: Scratch): string {
  const path = join(dir, 'large');
  writeFileSync(path, '');
  truncateSync(path, 128 * 1024 * 1024);
  return path;
}

/** A whole record of tar, 20 blocks, and no end of the archive in it. */
const tarRecord = () => Buffer.concat(Array.from({ length: 20 }, () => tarWith().subarray(0, 512)));

const rsyncUp = (more: string) =>
  commanded((s) => `rsync --server -re.LsfxCIvu${more} . ${join(s.dir, 'up')}/`, RSYNC_HELLO, ANYTHING);

/** The channels that can be held open, each until it is ended. */
const OPENERS: Readonly<Partial<Record<Channel, Opener>>> = {
  shell: (door) => answered((callback) => door.client.shell(PTY, callback), "echo re''ady\r", /ready/),
  'shell without a terminal': (door) =>
    answered((callback) => door.client.shell(false, callback), 'echo ready\n', /ready/),
  exec: commanded(() => 'cat', 'ready', /ready/),
  'exec with a terminal': (door) =>
    answered((callback) => door.client.exec('echo ready; cat', { pty: PTY }, callback), '', /ready/),
  'scp up': commanded((s) => `scp -t ${s.dir}`, '', ANYTHING),
  'scp down': commanded((s) => `scp -f ${source(s)}`, '\0', ANYTHING),
  'rsync up': rsyncUp(''),
  'rsync up with --delete': rsyncUp(' --delete'),
  'rsync down': commanded((s) => `rsync --server --sender -re.LsfxCIvu . ${source(s)}`, RSYNC_HELLO, ANYTHING),
  'git push': commanded((s) => `git-receive-pack '${bare(s)}'`, '', ANYTHING),
  'git fetch': commanded((s) => `git-upload-pack '${bare(s)}'`, '', ANYTHING),
  'tar up': commanded((s) => `tar xvf - -C ${s.dir}`, tarRecord(), ANYTHING),
  'tar down': commanded((s) => `tar cf - ${large(s)} 2>/dev/null`, '', ANYTHING),
  'another subsystem': (door, s) =>
    answered((callback) => door.client.subsys('witness', callback), s.token, new RegExp(s.token)),
  'forward to the asset': (door, s) =>
    answered(
      (callback) => door.client.forwardOut('127.0.0.1', 0, '127.0.0.1', s.witness.port, callback),
      s.token,
      new RegExp(s.token),
    ),
  'forward to a socket': (door, s) =>
    answered(
      (callback) => door.client.openssh_forwardOutStreamLocal(s.witness.socket, callback),
      s.token,
      new RegExp(s.token),
    ),
};

/** Opens what the channel stands for and keeps it; an outcome when it was refused. */
export function openLive(channel: Channel, door: Door, scratch: Scratch): Promise<LiveUse | Outcome> {
  if (CHANNELS[channel].kind === 'sftp')
    return channel.startsWith('exec') ? server(door) : operation(channel as keyof typeof OPERATIONS, door, scratch);
  const opener = OPENERS[channel];
  if (!opener) throw new Error(`nobody knows how to keep ${channel} open`);
  return opener(door, scratch);
}

async function server(door: Door): Promise<LiveUse | Outcome> {
  const sftp = await startSftp((callback) => door.client.exec('/usr/lib/openssh/sftp-server', callback));
  return sftp instanceof Sftp ? { over: () => sftp.closed } : sftp;
}

/** The door's SFTP channel ends, or says no from then on; then so must this operation. */
async function operation(channel: keyof typeof OPERATIONS, door: Door, scratch: Scratch): Promise<LiveUse | Outcome> {
  const sftp = await door.sftp();
  if (!(sftp instanceof Sftp)) return sftp;
  const looked = await sftp.request(FXP.stat, door.at(scratch.dir));
  if (looked.type !== 105) return { effect: false, refusal: looked.text };
  return {
    async over() {
      await eventually('SFTP to be refused', async () => {
        const answer = await sftp.request(FXP.stat, door.at(scratch.dir));
        return answer.type !== 105;
      });
      const outcome = await OPERATIONS[channel](sftp, door.at, scratch);
      if (outcome.effect || outcome.refusal === undefined)
        throw new Error(`${channel} still works: ${JSON.stringify(outcome)}`);
    },
  };
}

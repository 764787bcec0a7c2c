import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, ClientChannel } from 'ssh2';
import { insideOf, MSG, sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { FORCED } from './credentials.ts';
import type { Channel } from './model.ts';
import {
  type Driver,
  type Outcome,
  outcomeOf,
  type Run,
  running,
  type Scratch,
  source,
  startSftp,
  touched,
  up,
} from './outcome.ts';
import { Sftp } from './sftp-client.ts';
import { OPERATIONS } from './sftp-operations.ts';
import { MARK } from './witness-files.ts';

export const PTY = { term: 'dumb', cols: 80, rows: 24 };
const quiet = (words: string) => `${words} 2>/dev/null`;

/** Runs a command whose standard input is this, and says whether it had its effect. */
function commanded(
  words: (scratch: Scratch) => string,
  input: (scratch: Scratch) => string | Buffer,
  effect: (scratch: Scratch, run: Run) => boolean,
  prepare: (scratch: Scratch) => void = () => {},
): Driver {
  return async (door, scratch) => {
    prepare(scratch);
    const run = await running(
      (callback) => door.client.exec(words(scratch), callback),
      (channel) => channel.end(input(scratch)),
    );
    return outcomeOf(run, effect(scratch, run));
  };
}

const fetched = (_: Scratch, { out }: Run) => out.includes(MARK);
const nothing = () => '';

function typed(client: Client, scratch: Scratch, begin: 'shell' | 'exec'): Promise<Run> {
  const line = `touch ${up(scratch)}`;
  return running(
    (callback) => (begin === 'shell' ? client.shell(PTY, callback) : client.exec(line, { pty: PTY }, callback)),
    (channel) => channel.write(begin === 'shell' ? `${line}; exit\r\x04` : 'this is typed\r\x04'),
  );
}

/** Whether the target was given a variable that stands for something forwarded. */
function requested(options: object, variable: string): Driver {
  return async (door) => {
    // ssh2 asks for the agent only when it has one
    (door.client as unknown as { _agent: object })._agent = {};
    const run = await running(
      (callback) => door.client.exec(`echo "<$${variable}>"`, options, callback),
      (channel) => channel.end(),
    );
    const outcome = outcomeOf(run, /<[^>]+>/.test(run.out));
    // the bastion itself may have use for what it does not hand on
    return outcome.effect ? outcome : { ...outcome, refusal: outcome.refusal ?? `the target has no ${variable}` };
  };
}

/** Opens a channel of any type. */
function rawOpen(client: Client, type: string, ...payload: Buffer[]): Promise<Outcome> {
  const ours = 0x7fff0000;
  const { _handlers: handlers } = insideOf(client) as unknown as {
    _handlers: Record<string, (...args: unknown[]) => void>;
  };
  const { CHANNEL_OPEN_FAILURE: failure, CHANNEL_OPEN_CONFIRMATION: confirmation } = handlers;
  return new Promise((resolve) => {
    handlers.CHANNEL_OPEN_FAILURE = (protocol, recipient, reason, text) => {
      if (recipient === ours) resolve({ effect: false, refusal: `${reason}: ${text}` });
      else failure!(protocol, recipient, reason, text);
    };
    handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, info) => {
      if ((info as { recipient: number }).recipient === ours) resolve({ effect: true });
      else confirmation!(protocol, info);
    };
    sendPayload(client, MSG.channelOpen, string(type), uint32(ours), uint32(65536), uint32(32768), ...payload);
  });
}

const EMPTY_TAR = Buffer.alloc(1024);

/** One driver for each channel of the model. */
export const DRIVERS: Readonly<Record<Exclude<Channel, `sftp ${string}`>, Driver>> = {
  shell: async (door, scratch) => outcomeOf(await typed(door.client, scratch, 'shell'), touched(scratch)),
  'shell without a terminal': async (door, scratch) => {
    const run = await running(
      (callback) => door.client.shell(false, callback),
      (channel) => channel.end(`touch ${up(scratch)}\n`),
    );
    return outcomeOf(run, touched(scratch));
  },
  exec: commanded((s) => `touch ${up(s)}`, nothing, touched),
  'exec with a terminal': async (door, scratch) =>
    outcomeOf(await typed(door.client, scratch, 'exec'), touched(scratch)),
  'scp up': commanded(
    (s) => `scp -t ${up(s)}`,
    () => `C0644 3 up\nabc\0`,
    touched,
  ),
  'scp down': commanded(
    (s) => `scp -f ${source(s)}`,
    () => '\0\0\0\0',
    fetched,
  ),
  'rsync up': rsyncUp(''),
  'rsync down': commanded(
    (s) => `rsync --server --sender -re.LsfxCIvu . ${source(s)}`,
    () => RSYNC_HELLO,
    (_, { out }) => out.length >= 4 && !out.includes(FORCED),
  ),
  'rsync up with --delete': rsyncUp(' --delete'),
  'git push': commanded(
    (s) => `git-receive-pack '${join(s.dir, 'repository')}'`,
    () => '0000',
    advertised,
    repository,
  ),
  'git fetch': commanded(
    (s) => `git-upload-pack '${join(s.dir, 'repository')}'`,
    () => '0000',
    advertised,
    repository,
  ),
  'tar up': commanded((s) => `tar xf - -C ${s.dir}`, tarWith, touched),
  'tar down': commanded((s) => quiet(`tar cf - ${source(s)}`), nothing, fetched),
  'exec of sftp-server, read': serverCommand('sftp read'),
  'exec of sftp-server, write': serverCommand('sftp write'),
  'another subsystem': async (door, scratch) => {
    const run = await running(
      (callback) => door.client.subsys('witness', callback),
      (channel) => channel.end(scratch.token),
    );
    return outcomeOf(run, scratch.witness.heard(scratch.token));
  },
  'forward to the asset': forwarded(({ witness }) => ['127.0.0.1', witness.port]),
  // to a resolver this is the loopback as well, and to the permission it is not
  'forward elsewhere': forwarded(({ witness }) => ['127.1', witness.port]),
  'forward to a socket': async (door, scratch) => {
    const run = await running(
      (callback) => door.client.openssh_forwardOutStreamLocal(scratch.witness.socket, callback),
      (channel) => spoken(channel, scratch.token),
    );
    return { effect: scratch.witness.heard(scratch.token), refusal: run.failure, seen: run.out };
  },
  'jump to an asset of theirs': jumped('theirs'),
  'jump to an asset not theirs': jumped('not theirs'),
  'remote forwarding': async (door) => globally((callback) => door.client.forwardIn('127.0.0.1', 0, callback)),
  'remote forwarding of a socket': async (door, scratch) =>
    globally((callback) => door.client.openssh_forwardInStreamLocal(join(scratch.dir, 'back'), callback)),
  X11: requested({ x11: { single: false, screen: 0 } }, 'DISPLAY'),
  agent: requested({ agentForward: true }, 'SSH_AUTH_SOCK'),
  'a channel type nobody knows': (door) => rawOpen(door.client, 'tun@openssh.com', uint32(1), uint32(0)),
};

/** A version, and what makes the server speak (rsync protocol 31). */
export const RSYNC_HELLO = Buffer.from([31, 0, 0, 0]);

function rsyncUp(more: string): Driver {
  return commanded(
    (s) => `rsync --server -re.LsfxCIvu${more} . ${up(s)}/`,
    () => RSYNC_HELLO,
    (_, { out }) => out.length >= 4 && !out.includes(FORCED),
  );
}

export function repository({ dir, witness }: Scratch): void {
  const path = join(dir, 'repository');
  mkdirSync(join(path, 'objects'), { recursive: true });
  mkdirSync(join(path, 'refs'));
  writeFileSync(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(path, 'config'), '[core]\n\tbare = true\n');
  // git takes a repository only from its owner
  witness.give(path);
}

/** The pkt-line with the server's capabilities. */
function advertised(_: Scratch, { out }: Run): boolean {
  return /^(0000|[0-9a-f]{4}0{40} capabilities\^\{\})/.test(out);
}

/** A tar archive (POSIX.1-1988) with one empty file `up`. */
export function tarWith(): Buffer {
  const header = Buffer.alloc(512);
  header.write('up', 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write('00000000000\0', 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, EMPTY_TAR]);
}

function spoken(channel: ClientChannel, token: string): void {
  channel.once('data', () => channel.end());
  channel.write(token);
}

function forwarded(to: (scratch: Scratch) => [host: string, port: number]): Driver {
  return async (door, scratch) => {
    const run = await running(
      (callback) => door.client.forwardOut('127.0.0.1', 0, ...to(scratch), callback),
      (channel) => spoken(channel, scratch.token),
    );
    return { effect: scratch.witness.heard(scratch.token), refusal: run.failure, seen: run.out };
  };
}

/** To the SSH port of another asset: the bastion itself answers, or nobody. */
function jumped(whose: 'theirs' | 'not theirs'): Driver {
  return async (door) => {
    const { name } = door.other(whose);
    let banner = '';
    const run = await running(
      (callback) => door.client.forwardOut('127.0.0.1', 0, name, 22, callback),
      (channel) =>
        channel.once('data', (chunk: Buffer) => {
          banner = chunk.toString('latin1');
          channel.close();
        }),
    );
    return { effect: /^SSH-2\.0-Bastion/.test(banner), refusal: run.failure, seen: banner };
  };
}

async function globally(begin: (callback: (error?: Error | null) => void) => void): Promise<Outcome> {
  const error = await new Promise<Error | undefined>((resolve) => begin((failure) => resolve(failure ?? undefined)));
  return { effect: error === undefined, refusal: error?.message };
}

function serverCommand(operation: 'sftp read' | 'sftp write'): Driver {
  return async (door, scratch) => {
    const started = await startSftp((callback) => door.client.exec('/usr/lib/openssh/sftp-server', callback));
    if (!(started instanceof Sftp)) return started;
    const outcome = await OPERATIONS[operation](started, (path) => path, scratch);
    started.channel.end();
    await started.closed;
    return outcome;
  };
}

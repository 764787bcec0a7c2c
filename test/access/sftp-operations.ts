import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { string, uint32 } from '../kit/raw-ssh.ts';
import type { Channel } from './model.ts';
import { type Outcome, type Scratch, source, touched, up } from './outcome.ts';
import { type Answer, FXP, MODE, NO_ATTRIBUTES, type Sftp, stringOf } from './sftp-client.ts';
import { MARK, modeOf } from './witness-files.ts';

type Operation = (sftp: Sftp, at: (path: string) => string, scratch: Scratch) => Promise<Outcome>;

const done = (effect: boolean, ...answers: Answer[]): Outcome => {
  const refused = answers.find(({ type, code }) => type === 0 || (type === FXP.status && code > 1));
  return {
    effect,
    refusal: refused && `status ${refused.code}: ${refused.text}`,
    seen: JSON.stringify(answers.map(({ type, code, text }) => [type, code, text])),
  };
};

async function opened(
  sftp: Sftp,
  path: string,
  flags: number,
  use: (handle: Buffer) => Promise<{ effect: boolean; answers: Answer[] }>,
): Promise<Outcome> {
  const answer = await sftp.request(FXP.open, path, uint32(flags), NO_ATTRIBUTES);
  if (answer.type !== FXP.handle) return done(false, answer);
  const handle = stringOf(answer);
  const { effect, answers } = await use(handle);
  const closed = await sftp.request(FXP.close, string(handle));
  return done(effect, ...answers, closed);
}

const zero64 = Buffer.alloc(8);
const reading = (sftp: Sftp, handle: Buffer) => sftp.request(FXP.read, string(handle), zero64, uint32(4096));
const writing = (sftp: Sftp, handle: Buffer) => sftp.request(FXP.write, string(handle), zero64, string('written'));
const has = (answer: Answer) => answer.type === FXP.data && answer.body.includes(MARK);
const wrote = (path: string) => existsSync(path) && readFileSync(path, 'latin1').includes('written');

/** What each SFTP operation does, alone. */
export const OPERATIONS: Readonly<Record<Extract<Channel, `sftp ${string}`>, Operation>> = {
  'sftp stat': async (sftp, at, s) => plain(await sftp.request(FXP.stat, at(source(s)))),
  'sftp lstat': async (sftp, at, s) => plain(await sftp.request(FXP.lstat, at(source(s)))),
  'sftp realpath': async (sftp, at, s) => plain(await sftp.request(FXP.realpath, at(source(s)))),
  'sftp readdir': async (sftp, at, s) => {
    source(s);
    const answer = await sftp.request(FXP.opendir, at(s.dir));
    if (answer.type !== FXP.handle) return done(false, answer);
    const listed = await sftp.request(FXP.readdir, string(stringOf(answer)));
    return done(listed.body.includes('source'), listed);
  },
  'sftp readlink': async (sftp, at, s) => {
    symlinkSync('where-it-points', join(s.dir, 'link'));
    const answer = await sftp.request(FXP.readlink, at(join(s.dir, 'link')));
    return done(answer.body.includes('where-it-points'), answer);
  },
  'sftp read': (sftp, at, s) =>
    opened(sftp, at(source(s)), MODE.read, async (handle) => {
      const data = await reading(sftp, handle);
      return { effect: has(data), answers: [data] };
    }),
  'sftp write': (sftp, at, s) =>
    opened(sftp, at(up(s)), MODE.write | MODE.create | MODE.truncate, async (handle) => {
      const answer = await writing(sftp, handle);
      return { effect: touched(s), answers: [answer] };
    }),
  'sftp append': (sftp, at, s) => {
    const path = source(s);
    return opened(sftp, at(path), MODE.write | MODE.append, async (handle) => {
      const answer = await writing(sftp, handle);
      return { effect: wrote(path), answers: [answer] };
    });
  },
  'sftp read and write': (sftp, at, s) => {
    const path = source(s);
    return opened(sftp, at(path), MODE.read | MODE.write, async (handle) => {
      const data = await reading(sftp, handle);
      const answer = await writing(sftp, handle);
      return { effect: has(data) || wrote(path), answers: [data, answer] };
    });
  },
  'sftp mkdir': async (sftp, at, s) => {
    const answer = await sftp.request(FXP.mkdir, at(up(s)), NO_ATTRIBUTES);
    return done(touched(s), answer);
  },
  'sftp setstat': async (sftp, at, s) => {
    // owned by the target's user, or it could not be changed
    const path = join(s.dir, 'theirs');
    s.witness.owned(path);
    const answer = await sftp.request(FXP.setstat, at(path), uint32(4), uint32(0o600));
    return done(modeOf(path) === 0o600, answer);
  },
  'sftp symlink': async (sftp, at, s) => {
    // the target of the link first, as OpenSSH has it
    const answer = await sftp.request(FXP.symlink, 'there', at(up(s)));
    return done(isLink(up(s)), answer);
  },
  'sftp hardlink': (sftp, at, s) =>
    extended(sftp, 'hardlink@openssh.com', at, s, () => existsSync(join(s.dir, 'source'))),
  'sftp rename': async (sftp, at, s) => {
    const answer = await sftp.request(FXP.rename, at(source(s)), at(up(s)));
    return done(touched(s) || !existsSync(join(s.dir, 'source')), answer);
  },
  'sftp posix-rename': (sftp, at, s) =>
    extended(sftp, 'posix-rename@openssh.com', at, s, () => !existsSync(join(s.dir, 'source'))),
  'sftp remove': async (sftp, at, s) => {
    const path = source(s);
    const answer = await sftp.request(FXP.remove, at(path));
    return done(!existsSync(path), answer);
  },
  'sftp rmdir': async (sftp, at, s) => {
    const path = join(s.dir, 'empty');
    mkdirSync(path);
    const answer = await sftp.request(FXP.rmdir, at(path));
    return done(!existsSync(path), answer);
  },
};

const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

const plain = (answer: Answer) => done(answer.type === 104 || answer.type === 105, answer);

async function extended(
  sftp: Sftp,
  name: string,
  at: (path: string) => string,
  s: Scratch,
  effect: () => boolean,
): Promise<Outcome> {
  const from = source(s);
  const answer = await sftp.request(FXP.extended, name, at(from), at(up(s)));
  return done(touched(s) && effect(), answer);
}

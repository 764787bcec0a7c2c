import { join } from 'node:path';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { uint32 } from '../kit/raw-ssh.ts';
import { DRIVERS } from './channels.ts';
import type { Person, Visit } from './credentials.ts';
import type { Door } from './entries.ts';
import type { Channel } from './model.ts';
import type { Outcome, Scratch } from './outcome.ts';
import { startSftp } from './outcome.ts';
import { FXP, MODE, NO_ATTRIBUTES, Sftp } from './sftp-client.ts';
import { MARK } from './witness-files.ts';
import { GROUP, LOGIN, type World } from './world.ts';

/** One try to get in by a side door: all of them must be refused, and leave no trace on the target. */
export interface Bypass {
  readonly name: string;
  readonly attempt: (world: World, person: Person, scratch: Scratch) => Promise<Outcome>;
}

const OPEN = 'everything-allowed';
const SHUT = 'not-named';

function over(visit: Visit, world: World): Door {
  const { client, user } = visit;
  const place = world.place('everything allowed');
  const sftp = () => startSftp((callback) => client.subsys('sftp', callback));
  return { user, client, place, at: (path) => path, sftp, other: () => place, close: () => client.end() };
}

/** A command, as `user` followed by this. */
const asking =
  (
    rest: (world: World) => string | Promise<string>,
    channel: Exclude<Channel, `sftp ${string}`> = 'exec',
  ): Bypass['attempt'] =>
  async (world, person, scratch) => {
    const visit = await person.login(await rest(world));
    try {
      return await DRIVERS[channel](over(visit, world), scratch);
    } finally {
      visit.client.end();
    }
  };

/** A command within a jump to this host and port, logging in there by this name. */
const jumping =
  (to: (world: World) => readonly [host: string, port: number], login = LOGIN): Bypass['attempt'] =>
  async (world, person, scratch) => {
    const visit = await person.login();
    try {
      const client = await within(visit.client, to(world), login);
      return await DRIVERS.exec(over({ user: visit.user, client }, world), scratch);
    } catch (error) {
      return { effect: false, refusal: (error as Error).message };
    } finally {
      visit.client.end();
    }
  };

async function within(outer: Client, [host, port]: readonly [string, number], username: string): Promise<Client> {
  const sock = await new Promise<ClientChannel>((resolve, reject) =>
    outer.forwardOut('127.0.0.1', 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', reject);
    client.connect({ sock, username, authHandler: ['none'] } as never);
  });
  client.on('error', () => {});
  return client;
}

/** Reads or writes a file of the target under a path of the tree. */
const throughTree =
  (path: (file: string) => string): Bypass['attempt'] =>
  async (_world, person, scratch) => {
    const visit = await person.login();
    try {
      const sftp = await startSftp((callback) => visit.client.subsys('sftp', callback));
      if (!(sftp instanceof Sftp)) return sftp;
      const file = scratch.witness.file(join(scratch.dir, 'source'));
      const opened = await sftp.request(FXP.open, path(file), uint32(MODE.read), NO_ATTRIBUTES);
      if (opened.type !== FXP.handle) return { effect: false, refusal: opened.text };
      const handle = opened.body;
      const data = await sftp.request(FXP.read, handle, Buffer.alloc(8), uint32(4096));
      return { effect: data.body.includes(MARK), refusal: data.text || undefined };
    } finally {
      visit.client.end();
    }
  };

const shutAddress = ({ place }: World) => place('not named').address;
const idOf = async ({ api }: World, name: string) => (await api.assets.show({ name })).id;

export const BYPASSES: readonly Bypass[] = [
  { name: 'a command without an asset', attempt: asking(() => '') },
  { name: 'scp without an asset', attempt: asking(() => '', 'scp up') },
  { name: 'a subsystem without an asset', attempt: asking(() => '', 'another subsystem') },
  { name: 'a forwarded connection without an asset', attempt: asking(() => '', 'forward to the asset') },
  { name: 'a forwarded socket without an asset', attempt: asking(() => '', 'forward to a socket') },
  { name: 'another account', attempt: asking(() => `@root@${OPEN}`) },
  { name: 'another account, with #', attempt: asking(() => `#root#${OPEN}`) },
  { name: 'another account, in percent', attempt: asking(() => `@%72oot@${OPEN}`) },
  { name: 'another account, with the protocol', attempt: asking(() => `@ssh@root@${OPEN}`) },
  { name: 'the account in capitals', attempt: asking(() => `@${LOGIN.toUpperCase()}@${OPEN}`) },
  { name: 'the account with a blank', attempt: asking(() => `@${LOGIN}%20@${OPEN}`) },
  { name: 'the account with a NUL', attempt: asking(() => `@${LOGIN}%00@${OPEN}`) },
  { name: 'two accounts', attempt: asking(() => `@${LOGIN}%40root@${OPEN}`) },
  { name: '@user, which no permission gives', attempt: asking(() => `@%40user@${OPEN}`) },
  { name: '@input, which no permission gives', attempt: asking(() => `@@input@${OPEN}`) },
  { name: '@all is no account', attempt: asking(() => `@%40all@${OPEN}`) },
  { name: 'another asset', attempt: asking(() => `@${LOGIN}@${SHUT}`) },
  { name: 'another asset, in capitals', attempt: asking(() => `@${LOGIN}@${SHUT.toUpperCase()}`) },
  { name: 'another asset by its address', attempt: asking((world) => `@${LOGIN}@${shutAddress(world)}`) },
  { name: 'another asset by its id', attempt: asking(async (world) => `@${LOGIN}@${await idOf(world, SHUT)}`) },
  { name: 'a pattern for an asset', attempt: asking(() => `@${LOGIN}@every*`) },
  { name: 'another protocol', attempt: asking(() => `@telnet@${LOGIN}@${OPEN}`) },
  { name: 'an account that is switched off', attempt: asking(() => `@${LOGIN}@drowsy`) },
  { name: 'an asset that is switched off', attempt: asking(() => `@${LOGIN}@asleep`) },
  { name: 'within a jump: another account', attempt: jumping(() => [OPEN, 22], 'root') },
  {
    name: 'within a jump: another account and asset in the name',
    attempt: jumping(() => [OPEN, 22], `${LOGIN}@${SHUT}`),
  },
  { name: "within a jump: the bastion's own form", attempt: jumping(() => [OPEN, 22], `somebody@root@${OPEN}`) },
  {
    name: 'a jump to an asset not theirs by its address',
    attempt: jumping((world) => [shutAddress(world), world.sshd.port]),
  },
  { name: 'a jump to the bastion itself', attempt: jumping((world) => ['127.0.0.1', world.bastion.sshPort]) },
  { name: 'a jump to another port of an asset', attempt: jumping((world) => [OPEN, world.sshd.port + 1]) },
  { name: 'the tree: another account', attempt: throughTree((file) => `/${OPEN}/root${file}`) },
  { name: 'the tree: another account by ..', attempt: throughTree((file) => `/${OPEN}/${LOGIN}/../root${file}`) },
  { name: 'the tree: another asset', attempt: throughTree((file) => `/${SHUT}/${LOGIN}${file}`) },
  {
    name: 'the tree: another asset by ..',
    attempt: throughTree((file) => `/${OPEN}/${LOGIN}/../../${SHUT}/${LOGIN}${file}`),
  },
  { name: 'the tree: without an account', attempt: throughTree((file) => `/${OPEN}${file}`) },
  { name: 'the tree: a file of the bastion', attempt: throughTree(() => '/etc/passwd') },
  { name: 'the tree: a file of the bastion by ..', attempt: throughTree((file) => `/..${file}`) },
  {
    name: 'the tree: the account in capitals',
    attempt: throughTree((file) => `/${OPEN}/${LOGIN.toUpperCase()}${file}`),
  },
];

/** The same tries with the right words, which must succeed: else the refusals would mean nothing. */
export const RIGHT: readonly Bypass[] = [
  { name: 'a command', attempt: asking(() => `@${LOGIN}@${OPEN}`) },
  { name: 'a command, the account in percent', attempt: asking(() => `@${LOGIN.replace('b', '%62')}@${OPEN}`) },
  { name: 'a command, the asset in capitals', attempt: asking(() => `@${LOGIN}@${OPEN.toUpperCase()}`) },
  { name: 'a command, the asset by its id', attempt: asking(async (world) => `@${LOGIN}@${await idOf(world, OPEN)}`) },
  {
    name: 'a command, the asset by an address it shares',
    attempt: asking((world) => `@${LOGIN}@${world.place('everything allowed').address}`),
  },
  { name: 'within a jump', attempt: jumping(() => [OPEN, 22]) },
  { name: 'the tree', attempt: throughTree((file) => `/${OPEN}/${LOGIN}${file}`) },
  { name: 'the tree, with ..', attempt: throughTree((file) => `/${SHUT}/../${OPEN}/${LOGIN}/tmp/..${file}`) },
];

/** What is taken away while everything is open: it must all end. */
export const ENDINGS: readonly {
  readonly name: string;
  /** `user` is theirs alone, and so is the asset. */
  readonly turn: (world: World, user: string, asset: string) => Promise<unknown>;
  /** The login itself ends, too. */
  readonly connection?: true;
}[] = [
  { name: 'the user is disabled', connection: true, turn: ({ api }, name) => api.users.disable({ name }) },
  { name: 'the user expires', turn: ({ api }, name) => api.users.set({ name, validUntil: soon() }) },
  { name: 'the user is removed', connection: true, turn: ({ api }, name) => api.users.remove({ name }) },
  {
    name: 'the key is removed',
    connection: true,
    async turn({ api }, name) {
      const [key] = await api.keys.list({ name });
      await api.keys.remove({ name, fingerprint: key!.fingerprint });
    },
  },
  { name: 'the user leaves the group', turn: ({ api }, name) => api.groups.leave({ name: GROUP, users: [name] }) },
  { name: 'the asset is switched off', turn: ({ api }, _, name) => api.assets.set({ name, active: false }) },
  { name: 'the asset is removed', turn: ({ api }, _, name) => api.assets.remove({ name }) },
  {
    name: 'the account is switched off',
    turn: ({ api }, _, asset) => api.accounts.set({ asset, login: LOGIN, active: false }),
  },
  { name: 'the account is removed', turn: ({ api }, _, asset) => api.accounts.remove({ asset, login: LOGIN }) },
  { name: 'the permission is switched off', turn: ({ api }, _, name) => api.permissions.set({ name, active: false }) },
  {
    name: 'the permission names other accounts',
    turn: ({ api }, _, name) => api.permissions.set({ name, accounts: ['root'] }),
  },
  { name: 'the permission begins later', turn: ({ api }, _, name) => api.permissions.set({ name, from: later() }) },
  {
    name: 'the permission has no action left but copy',
    turn: ({ api }, _, name) => api.permissions.set({ name, actions: ['copy'] }),
  },
];

const soon = () => new Date(Date.now() + 500).toISOString();
const later = () => new Date(Date.now() + 3_600_000).toISOString();

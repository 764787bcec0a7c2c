import { join } from 'node:path';
import { type Client, createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { freePort, type KeyPair, makeKey, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import { Keys } from '../unit/auth-support.ts';
import { ACTIONS, LIVE_STATES, STATES, type State } from './model.ts';
import { startWitness, type Witness } from './witness-files.ts';

/** Everybody of the matrix is in this group, and all permissions are for it. */
export const GROUP = 'everybody';
export const LOGIN = TEST_USER.name;

export interface Place {
  /** The name of the asset. */
  readonly name: string;
  /** An address of this asset alone. */
  readonly address: string;
  readonly port: number;
}

/** One daemon, one target that is many assets, each under an address of its own, and people to be. */
export interface World extends AsyncDisposable {
  readonly bastion: Bastion;
  readonly api: Client;
  readonly sshd: Sshd;
  readonly witness: Witness;
  readonly keys: Keys;
  readonly patienceMs: number;
  /** Whether anybody has connected to the target at this address. */
  reached(address: string): boolean;
  /** The asset whose permission is in this state. */
  place(state: State): Place;
  /** One more asset, with a permission of its name for everything. */
  addPlace(name: string): Promise<Place>;
  /** Ends or takes away the permission of a live state. */
  turn(state: State): Promise<void>;
  /** Gives the permissions of the live states again. */
  renew(): Promise<void>;
}

/** Addresses of the loopback network, one for each asset; sshd listens on 16 at most. */
const ADDRESSES = [...STATES, 'asleep', 'drowsy'].map((_, n) => `127.0.1.${n + 1}`);
const ENDS_AFTER_MS = 500;
const HANGS_AFTER_MS = 40_000;

/** The machine behind all assets, which may outlive the daemons before it. */
export interface Target extends AsyncDisposable {
  readonly sshd: Sshd;
  readonly witness: Witness;
  readonly keys: Keys;
  /** Logs `LOGIN` in there. */
  readonly key: KeyPair;
}

export interface WorldOptions {
  readonly target?: Target | undefined;
  /** The bundle to run, and its environment. */
  readonly main?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** A cell that takes longer hangs. */
  readonly patienceMs?: number | undefined;
}

export async function startTarget(): Promise<Target> {
  const keys = new Keys();
  const [witness, port, key] = await Promise.all([startWitness(), freePort(), makeKey(keys.dir, 'target')]);
  await Promise.all([keys.make('authority', 'ed25519'), keys.make('stranger', 'ed25519')]);
  const sshd = await startSshd({
    password: true,
    port,
    authorizedKeys: [key.publicKey],
    maxSessions: 500,
    config: [
      ...ADDRESSES.map((address) => `ListenAddress ${address}:${port}`),
      `Subsystem witness tee -a ${witness.subsystem}`,
    ],
  });
  return {
    sshd,
    witness,
    keys,
    key,
    async [Symbol.asyncDispose]() {
      await sshd.stop();
      await witness[Symbol.asyncDispose]();
      keys.remove();
    },
  };
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { target = await startTarget(), main, env = {}, patienceMs = HANGS_AFTER_MS } = options;
  const { sshd, witness, keys, key: targetKey } = target;
  const { port } = sshd;
  const logged = sshd.log().length;
  const config = {
    ssh: { max_unauthenticated: 500, max_channels: 500 },
    session: { max_per_user: 2000 },
    auth: { mfa_remember: '1h' },
    log: { level: 'info' },
  };
  const bastion = await startBastion({ config, main, env });
  const api = createClient({ transport: socketTransport(join(bastion.data, 'admin.sock')) });
  await api.groups.add({ name: GROUP });
  // one of two: who is certified by the other one stays out
  await api.authorities.add({ name: 'authority', key: keys.publicLine('authority') });

  const places = new Map(
    STATES.map((state, n) => [state, { name: state.replaceAll(' ', '-'), address: ADDRESSES[n]!, port }]),
  );
  const place = (state: State) => places.get(state)!;
  const permit = (state: State) =>
    api.permissions.add({
      name: place(state).name,
      groups: [GROUP],
      assets: [place(state).name],
      accounts: [LOGIN],
      actions: ACTIONS.filter((action) => state !== `without ${action}`),
      until: state === 'ended before' ? new Date(Date.now() - 1000).toISOString() : null,
    });
  for (const [state, { name, address }] of places) {
    await api.assets.add({ name, address, protocols: [{ name: 'ssh', port }] });
    await api.accounts.add({ asset: name, login: LOGIN, privateKey: targetKey.privateKey.toString() });
    // an account nobody names
    await api.accounts.add({ asset: name, login: 'root', privateKey: targetKey.privateKey.toString() });
    if (state !== 'not named') await permit(state);
  }

  await sideDoors();

  /** An account and an asset that are switched off, and an asset nobody may use at the address of one that is open. */
  async function sideDoors(): Promise<void> {
    const { address } = place('everything allowed');
    const [asleep, drowsy] = ADDRESSES.slice(STATES.length) as [string, string];
    const privateKey = targetKey.privateKey.toString();
    const protocols = [{ name: 'ssh' as const, port }];
    const permit = { groups: [GROUP], accounts: ['@all'] };
    await api.assets.add({ name: 'asleep', address: asleep, protocols, active: false });
    await api.accounts.add({ asset: 'asleep', login: LOGIN, privateKey });
    await api.permissions.add({ name: 'asleep', assets: ['asleep'], ...permit });
    await api.assets.add({ name: 'drowsy', address: drowsy, protocols });
    await api.accounts.add({ asset: 'drowsy', login: LOGIN, privateKey, active: false });
    await api.accounts.add({ asset: 'drowsy', login: 'root', privateKey });
    await api.permissions.add({ name: 'drowsy', assets: ['drowsy'], ...permit });
    await api.assets.add({ name: 'twin', address, protocols });
    await api.accounts.add({ asset: 'twin', login: LOGIN, privateKey });
  }

  return {
    bastion,
    api,
    sshd,
    witness,
    keys,
    patienceMs,
    reached: (address) =>
      new RegExp(`^Connection from \\S+ port \\d+ on ${address.replaceAll('.', '\\.')} `, 'm').test(
        sshd.log().slice(logged),
      ),
    place,
    async addPlace(name) {
      const { address } = place('everything allowed');
      await api.assets.add({ name, address, protocols: [{ name: 'ssh', port }] });
      await api.accounts.add({ asset: name, login: LOGIN, privateKey: targetKey.privateKey.toString() });
      await api.permissions.add({ name, groups: [GROUP], assets: [name], accounts: [LOGIN], actions: [...ACTIONS] });
      return { name, address, port };
    },
    async turn(state) {
      const { name } = place(state);
      if (state === 'revoked meanwhile') await api.permissions.remove({ name });
      else await api.permissions.set({ name, until: new Date(Date.now() + ENDS_AFTER_MS).toISOString() });
    },
    async renew() {
      const there = new Set((await api.permissions.list({ limit: 1000 })).items.map(({ name }) => name));
      for (const state of LIVE_STATES) {
        if (there.has(place(state).name)) await api.permissions.set({ name: place(state).name, until: null });
        else await permit(state);
      }
    },
    async [Symbol.asyncDispose]() {
      await bastion[Symbol.asyncDispose]();
      if (!options.target) await target[Symbol.asyncDispose]();
    },
  };
}

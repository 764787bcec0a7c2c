import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditView } from '../../src/api/contract/audit.ts';
import type { SessionView } from '../../src/api/contract/sessions.ts';
import { type Client, createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { type Bastion, type BastionOptions, startBastion } from './bastion.ts';
import { eventually } from './process.ts';
import { type KeyPair, makeKey, type Sshd, type SshdOptions, startSshd, TEST_USER } from './sshd.ts';
import { Terminal, type TerminalSize } from './terminal.ts';

/** A daemon, one real target `web1` with the account of `TEST_USER`, and `alice` who may use it. */
export interface House extends AsyncDisposable {
  readonly bastion: Bastion;
  readonly sshd: Sshd;
  /** Logs alice in to the bastion. */
  readonly key: KeyPair;
  /** Logs `TEST_USER` in to targets started with `targetKey.publicKey` among their authorized keys. */
  readonly targetKey: KeyPair;
  readonly dir: string;
  /** The API over admin.sock. */
  readonly api: Client;
  /** ssh on a terminal, as alice unless `login` says otherwise, e.g. `alice@web1`. */
  terminal(login?: string, options?: { size?: TerminalSize; key?: KeyPair; command?: readonly string[] }): Terminal;
  /** `bastion ARGS` on a terminal. */
  cliTerminal(args: readonly string[], size?: TerminalSize): Terminal;
  /** One session that is live now (and satisfies the filter). */
  live(filter?: (row: SessionView) => boolean): Promise<SessionView>;
  /** The session's row once its recording is rendered, or there is none. */
  settled(id: string): Promise<SessionView>;
  audit(query?: { action?: string; actor?: string; target?: string }): Promise<AuditView[]>;
  /** A user of this name with a key of its own. */
  addUser(name: string, fields?: { role?: 'user' | 'auditor' | 'admin' }): Promise<KeyPair>;
}

/** The prompt of `TEST_USER`'s shell on a target, at the end of the screen. */
export const PROMPT = /bastion-test@\S+:~\$$/;

const MAIN = join(import.meta.dirname, '../../dist/main.cjs');

export async function startHouse(options: BastionOptions & { sshd?: SshdOptions } = {}): Promise<House> {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-house-'));
  const [key, targetKey] = await Promise.all([makeKey(dir, 'alice'), makeKey(dir, 'target')]);
  const { authorizedKeys = [], ...sshdOptions } = options.sshd ?? {};
  const [bastion, sshd] = await Promise.all([
    startBastion(options),
    startSshd({ password: true, authorizedKeys: [targetKey.publicKey, ...authorizedKeys], ...sshdOptions }),
  ]);
  const api = createClient({ transport: socketTransport(join(bastion.data, 'admin.sock')) });

  const house: House = {
    bastion,
    sshd,
    key,
    targetKey,
    dir,
    api,
    terminal(login = 'alice', { size, key: identity = key, command = [] } = {}) {
      const args = bastion.sshArgs(login, identity.file);
      return new Terminal('ssh', [...args.slice(0, -1), '-tt', args.at(-1)!, ...command], size);
    },
    cliTerminal: (args, size) => new Terminal(process.execPath, [MAIN, '--data', bastion.data, ...args], size),
    live: (filter = () => true) =>
      eventually('a live session', async () => {
        const { items } = await api.sessions.list({ live: true, limit: 100 });
        return items.find(filter);
      }),
    settled: (id) =>
      eventually(`session ${id} to be settled`, async () => {
        const row = await api.sessions.show({ id });
        return row.state !== 'live' && row.recording !== 'spool' ? row : undefined;
      }),
    audit: async (query = {}) => (await api.audit.list({ limit: 500, ...query })).items,
    async addUser(name, fields = {}) {
      const pair = await makeKey(dir, name);
      await api.users.add({ name, keys: [pair.publicKey], ...fields });
      return pair;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([bastion[Symbol.asyncDispose](), sshd.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    await api.users.add({ name: 'alice', keys: [key.publicKey] });
    await addTarget(house, 'web1', sshd);
    await api.permissions.add({ name: 'alice', users: ['alice'], folders: ['/'], accounts: ['@all'] });
  } catch (error) {
    await house[Symbol.asyncDispose]();
    throw error;
  }
  return house;
}

/** An asset at this sshd, entered by `TEST_USER` with the house's target key. */
export async function addTarget(
  house: Pick<House, 'api' | 'targetKey'>,
  name: string,
  at: { readonly port: number },
  fields: { folder?: string; via?: string; platform?: string; charset?: string } = {},
): Promise<void> {
  await house.api.assets.add({ name, address: '127.0.0.1', protocols: [{ name: 'ssh', port: at.port }], ...fields });
  await house.api.accounts.add({
    asset: name,
    login: TEST_USER.name,
    privateKey: house.targetKey.privateKey.toString(),
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '../../src/access/authorize.ts';
import { type Api, createApi } from '../../src/api/api.ts';
import { createHandlers, type HandlerDeps } from '../../src/api/handlers/all.ts';
import { inProcess } from '../../src/api/in-process.ts';
import { type HttpDoors, startHttp } from '../../src/api/start-http.ts';
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticator.ts';
import { openSigningAuthority } from '../../src/auth/signing-authority.ts';
import { configSchema } from '../../src/config/schema.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type Client, createClient } from '../../src/sdk/client.ts';
import { fetchTransport } from '../../src/sdk/fetch.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { createLocalRecordings, type Recordings } from '../../src/storage/local.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { openEvidence } from '../../src/store/audit/evidence.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import type { Role } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { Vault } from '../../src/store/vault.ts';

/** The API on the real store, vault, auth and access, behind its real doors. */
export interface ApiHouse extends AsyncDisposable {
  readonly data: string;
  readonly store: Store;
  readonly vault: Vault;
  readonly authenticator: Authenticator;
  readonly api: Api;
  readonly recordings: Recordings;
  readonly doors: HttpDoors;
  /** Origin of the TCP door. */
  readonly url: string;
  /** The owner of the machine, over admin.sock. */
  readonly owner: Client;
  /** The same inside the process. */
  readonly direct: Client;
  /** A user of this role with a token for the TCP door. */
  person(name: string, role: Role): Promise<{ token: string; tokenId: string; client: Client }>;
  client(token: string | undefined): Client;
}

export async function openApiHouse(
  extra: Partial<HandlerDeps> = {},
  http: Record<string, unknown> = {},
  clock: Clock = systemClock,
  pages?: string,
  docs?: string,
): Promise<ApiHouse> {
  const data = mkdtempSync(join(tmpdir(), 'bastion-api-'));
  const config = configSchema.parse({ http: { listen: '127.0.0.1:0', ...http } });
  const log = silentLog();
  createMasterKey(join(data, 'master.key'));
  const store = await openStore({ dataDir: data, log, clock });
  const vault = await openVault({ keyFile: join(data, 'master.key'), store });
  const evidence = await openEvidence({ store, vault });
  const signing = await openSigningAuthority({ store, vault });
  const authenticator = createAuthenticator({ store, vault, config, clock, log });
  const access = createAccess({ store, config, clock, log });
  const recordings = createLocalRecordings({ data, reserve: 0, clock });
  await recordings.prepare();
  const handlers = createHandlers({
    store,
    vault,
    evidence,
    signing,
    clock,
    config,
    version: 'test',
    webAddress: () => config.http.public_url,
    authenticator,
    access,
    sshDoor: { host: undefined, port: 2222, hostKeys: async () => [] },
    recordings,
    ...extra,
  });
  const api = createApi({ handlers, store, log, clock: systemClock });
  const onAccessChanged = (listener: () => void) => store.onAccessChanged(listener);
  const built = { pages: pages ?? join(data, 'no-pages'), docs: docs ?? join(data, 'no-docs') };
  const common = { api, authenticator, config: config.http, data, ...built, clock, log };
  const doors = await startHttp({ ...common, ready: () => true, onAccessChanged });
  const url = doors.tcp[0]!.address;
  const client = (token: string | undefined) => createClient({ transport: fetchTransport({ url, token }) });
  const owner = createClient({ transport: socketTransport(doors.socket.address) });

  return {
    data,
    store,
    vault,
    authenticator,
    api,
    recordings,
    doors,
    url,
    owner,
    direct: createClient({ transport: inProcess(api, { kind: 'machine', name: 'tester' }) }),
    client,
    async person(name, role) {
      await owner.users.add({ name, role });
      const { secret, token } = await owner.tokens.add({ user: name });
      return { token: secret, tokenId: token.id, client: client(secret) };
    },
    async [Symbol.asyncDispose]() {
      await doors.close(0);
      await recordings.close();
      await authenticator.close();
      await store.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

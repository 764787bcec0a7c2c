import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createAccess } from '../../src/access/authorize.ts';
import { createApi } from '../../src/api/api.ts';
import { createHandlers } from '../../src/api/handlers/all.ts';
import { inProcess } from '../../src/api/in-process.ts';
import { createAuthenticator } from '../../src/auth/authenticator.ts';
import { openSigningAuthority } from '../../src/auth/signing-authority.ts';
import type { CliBackend } from '../../src/cli/backend.ts';
import { runCli } from '../../src/cli/cli.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { configSchema } from '../../src/config/schema.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { openEvidence } from '../../src/store/audit/evidence.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import type { Store } from '../../src/store/store.ts';
import { backendWith } from './cli-backend.ts';
import { tempDir, testStore } from './store-kit.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Collector extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

/** Runs a command line without a terminal. */
export async function cli(backend: CliBackend, args: readonly string[], stdin = ''): Promise<CliResult> {
  const stdout = new Collector();
  const stderr = new Collector();
  const io: CliIo = {
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout,
    stderr,
    env: {},
    now: () => Date.now(),
    onSignal: () => () => undefined,
  };
  const code = await runCli(args, backend, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** The real API, vault and store of a stopped daemon. `casts` are the recordings by session. */
export async function realData(
  casts: Readonly<Record<string, string>> = {},
): Promise<{ backend: CliBackend; store: Store; data: string }> {
  const data = tempDir();
  const store = await testStore({ dataDir: data });
  createMasterKey(join(data, 'master.key'));
  const vault = await openVault({ keyFile: join(data, 'master.key'), store });
  const evidence = await openEvidence({ store, vault });
  const signing = await openSigningAuthority({ store, vault });
  const config = configSchema.parse({});
  const [clock, log] = [systemClock, silentLog()];
  const authenticator = createAuthenticator({ store, vault, config, clock, log });
  onTestFinished(() => authenticator.close());
  const access = createAccess({ store, config, clock, log });
  const recordings = {
    open: async (id: string) => Readable.from([Buffer.from(casts[id] ?? '')]),
    parts: async () => Promise.reject(new Error('not here')),
    part: async () => Promise.reject(new Error('not here')),
    digest: async (id: string) => (id in casts ? createHash('sha256').update(casts[id]!).digest('hex') : undefined),
  };
  const sshDoor = { host: undefined, port: 2222, hostKeys: async () => ['ssh-ed25519 AAAAhost'] };
  const handlers = createHandlers({
    store,
    vault,
    evidence,
    signing,
    clock,
    config,
    version: 'test',
    webAddress: () => null,
    authenticator,
    access,
    recordings,
    sshDoor,
  });
  const api = createApi({ handlers, store, log, clock: systemClock });
  return { backend: backendWith(inProcess(api, { kind: 'machine', name: 'tester' }), data), store, data };
}

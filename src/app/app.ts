import { type Api, createApi } from '../api/api.ts';
import { createHandlers } from '../api/handlers/all.ts';
import type { TargetTester } from '../api/handlers/target-test.ts';
import { type HttpDoors, startHttp } from '../api/start-http.ts';
import { systemActor } from '../auth/actor.ts';
import { addressText, type ListenAddress } from '../config/schema.ts';
import { generateHostKeys, type HostKeyFile } from '../gateways/ssh/host-keys.ts';
import { createSshGateway } from '../gateways/ssh/server.ts';
import { FileDoor } from '../gateways/web/files/file-door.ts';
import { createWebGateway } from '../gateways/web/gateway.ts';
import { AppError } from '../kernel/errors.ts';
import { collectAll } from '../kernel/garbage.ts';
import type { SessionId } from '../kernel/id.ts';
import { inside } from '../kernel/inside.ts';
import { assertSsh2 } from '../kernel/ssh2/native.ts';
import { createRegistry } from '../session/registry.ts';
import { storageUse } from '../storage/usage.ts';
import { type Connectors, createConnectors } from '../targets/connectors.ts';
import { startRetention } from '../tasks/retention.ts';
import { type Core, type CoreOptions, closeAll, openCore } from './core.ts';
import { DEMO_USER } from './demo.ts';
import { hostKeysDir, sshDoor } from './ssh-door.ts';
import { inTurn } from './turn.ts';
import { VERSION } from './version.ts';
import { webAddress } from './web.ts';

/** Starting is long over then, with what follows it: searches of the index, for example. */
const SETTLED_MS = 90_000;

/** A running daemon. */
export interface App {
  readonly api: Api;
  readonly ssh: readonly ListenAddress[];
  /** URLs of the API, in the order of `http.listen`. */
  readonly http: readonly string[];
  readonly hostKeys: readonly HostKeyFile[];
  /** The token that makes the first administrator, undefined when there is one. Valid one hour, once. */
  setupToken(): Promise<string | undefined>;
  /** Where browsers find it, without a slash at the end. */
  readonly webAddress: string | null;
  /** Writes the signed end of the audit log into the process log. */
  logHead(): Promise<void>;
  /** Takes nothing new, gives sessions their grace, ends the rest, finishes recordings, closes the store. */
  stop(): Promise<void>;
}

export interface AppOptions extends Omit<CoreOptions, 'purpose' | 'create'> {
  /** The file the configuration was read from, null without one. */
  readonly configFile: string | null;
  readonly demo: boolean;
}

/** The composition root: puts the rooms together and opens the doors, SSH last but one and admin.sock last. */
export async function startApp(options: AppOptions): Promise<App> {
  assertSsh2();
  const purpose = `bastion serve${options.demo ? ' --demo' : ''}`;
  const core = await inTurn(() => openCore({ ...options, purpose, create: true }));
  const { config, dataDir, clock, log, store, vault, evidence, signing, authenticator, access, recordings } = core;
  // a copy of the log's end outside the database; when that has failed there is none to be told
  const logHead = () =>
    evidence.head().then(
      (head) => log.info(head, 'end of the audit log'),
      () => undefined,
    );
  let running = false;
  const closers: (() => unknown)[] = [() => core.close(), () => running && logHead()];
  try {
    const timing = { connectTimeout: config.ssh.connect_timeout, keepalive: config.ssh.keepalive };
    const connectors = createConnectors({ store, vault, signing, timing, clock, log }, { demo: options.demo });
    closers.push(() => connectors.close());
    const [hostKeys] = await Promise.all([generateHostKeys(hostKeysDir(dataDir)), recordings.prepare()]);
    const registry = createRegistry({ store, access, connector: connectors, recordings, config, clock, log });
    await registry.recover();
    const forget = (id: SessionId) => store.outputs.remove([id]);
    const retention = startRetention({ store, evidence, recordings, keep: config.retention, clock, log, forget });
    closers.push(() => retention.stop());

    const gateway = createSshGateway({
      config,
      authenticator,
      access,
      registry,
      hostKeys: hostKeys.map((key) => key.privateKey),
      hostAuthority: core.signing.host,
      releaseUpstream: (shareKey) => connectors.release(shareKey),
      onAccessChanged: (listener) => store.onAccessChanged(listener),
      log,
      clock,
    });
    const ssh = await gateway.listen();
    closers.push(() => gateway.close());

    const web = createWebGateway({
      config,
      authenticator,
      access,
      registry,
      releaseUpstream: (shareKey) => connectors.release(shareKey),
      onAccessChanged: (listener) => store.onAccessChanged(listener),
      clock,
      log,
    });
    closers.push(() => web.close());

    let stopping = false;
    let doors: HttpDoors | undefined;
    const startedAt = clock.now();
    const webAddressNow = () => webAddress(config.http.public_url, doors?.tcp[0]?.address);
    const listeners = () => [
      ...ssh.map((address) => ({ kind: 'ssh', address: addressText(address) })),
      ...(doors?.tcp ?? []).map(({ address }) => ({ kind: 'http', address })),
    ];
    const handlers = createHandlers({
      ...core,
      sshDoor: sshDoor(config, hostKeysDir(dataDir), ssh),
      registry,
      fileDoor: new FileDoor({
        access,
        registry,
        redeemTicket: (token, who) => authenticator.tickets.redeem(token, who),
        releaseUpstream: (shareKey) => connectors.release(shareKey),
        clock,
      }),
      testTarget: targetTester(core, connectors),
      version: VERSION,
      webAddress: webAddressNow,
      daemon: {
        version: VERSION,
        startedAt,
        listeners,
        certificateEnd: () => doors?.certificateEnd ?? null,
        storage: () => storageUse(dataDir),
      },
      configFile: options.configFile,
      localTargets: options.demo,
      ...(options.demo && { demoUser: DEMO_USER }),
    });
    const api = createApi({ handlers, store, log, clock });
    doors = await startHttp({
      api,
      authenticator,
      config: config.http,
      data: dataDir,
      pages: inside('web'),
      docs: inside('docs'),
      clock,
      log,
      ready: () => !stopping,
      onAccessChanged: (listener) => store.onAccessChanged(listener),
      sockets: web,
    });

    closers.push(clock.after(SETTLED_MS, () => registry.live().length === 0 && collectAll()));
    running = true;
    return {
      api,
      logHead,
      ssh,
      http: doors.tcp.map(({ address }) => address),
      hostKeys,
      webAddress: webAddressNow(),
      async setupToken() {
        if ((await store.users.countAdmins(clock.now())) > 0) return undefined;
        const { token } = await authenticator.createLink('setup', null, systemActor());
        return token.exposeText();
      },
      async stop() {
        stopping = true;
        gateway.stopListening();
        await registry.shutdown(config.session.shutdown_grace);
        // a door waits for every connection that came through it
        await web.close();
        await doors.close();
        await closeAll(closers);
      },
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** `asset test` and `account test`: the API knows names, the targets know rows. */
function targetTester({ store, config }: Core, connectors: Connectors): TargetTester {
  return async ({ asset: name, login, by }) => {
    const asset = await store.assets.byName(name);
    const account = asset && login !== undefined ? await store.accounts.byLogin(asset.id, login) : undefined;
    if (!asset || (login !== undefined && !account)) throw new AppError('not_found', `${name} was removed meanwhile.`);
    const signal = AbortSignal.timeout(2 * config.ssh.connect_timeout);
    const result = await connectors.test(asset, account, { by, signal });
    const via = result.via.length > 0 ? ` through ${result.via.join(', ')}` : '';
    const key = result.hostKey ? `, host key ${result.hostKey.fingerprint}` : '';
    return login === undefined ? `${name} answers${via}${key}.` : `Logged in to ${name} as ${login}${via}${key}.`;
  };
}

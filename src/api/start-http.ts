import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { checkAddressBlock } from '../auth/address-patterns.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Config, ListenAddress } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { plainAddress } from '../kernel/ip.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import { localUser } from '../kernel/local-user.ts';
import type { Log } from '../kernel/log.ts';
import type { Api } from './api.ts';
import { createDocs } from './docs.ts';
import { createHttpHandler } from './http.ts';
import { type HttpListener, listenSocket, listenTcp, type TlsFiles } from './listen.ts';
import { Newcomers } from './newcomers.ts';
import { createPages } from './pages.ts';
import { selfSigned } from './self-signed.ts';
import { doorSpeaker, machineSpeaker } from './speaker.ts';
import { createUpgradeListener, type SocketDoor } from './upgrade.ts';
import { WebDoor } from './web-door.ts';

export interface HttpDeps {
  readonly api: Api;
  readonly authenticator: Pick<Authenticator, 'bearer' | 'webSessions'>;
  readonly config: Config['http'];
  /** The data directory, whose lock the caller holds. */
  readonly data: string;
  /** The directory with the pages as the build made them. */
  readonly pages: string;
  /** The directory with the documentation as the build rendered it. */
  readonly docs: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly ready: () => boolean;
  readonly onAccessChanged: (listener: () => void) => Disposer;
  /** The WebSockets of the pages; without, there are none. */
  readonly sockets?: SocketDoor | undefined;
}

export interface HttpDoors {
  readonly socket: HttpListener;
  /** One for each address of `http.listen`, in its order. */
  readonly tcp: readonly HttpListener[];
  /** When their TLS certificate ends, null where none has one. */
  readonly certificateEnd: number | null;
  close(graceMs?: number): Promise<void>;
}

/** The name by which the machine knows who runs this process: who speaks over admin.sock. */
export function machineName(): string {
  return localUser().name;
}

/** Opens `admin.sock` and every address of `http.listen`; all or none. */
export async function startHttp(deps: HttpDeps): Promise<HttpDoors> {
  const { api, authenticator, config, data, clock, log, ready, onAccessChanged } = deps;
  checkProxies(config.trusted_proxies);
  const common = { api, clock, log, ready, onAccessChanged };
  const newcomers = new Newcomers(config.trusted_proxies);
  const web = new WebDoor({
    ...config,
    newcomers,
    pages: [createDocs(deps.docs), createPages(deps.pages)],
    strictTransport: typeof config.tls === 'object',
    seen: (who) => authenticator.webSessions.seen(who),
  });
  const speaker = doorSpeaker(authenticator, config);
  const byToken = createHttpHandler({ ...common, web, speaker });
  const upgrade = deps.sockets && createUpgradeListener({ sockets: deps.sockets, speaker, web, log });
  const byOwner = createHttpHandler({ ...common, speaker: machineSpeaker(machineName()) });
  const open: HttpListener[] = [];
  const close = async (graceMs?: number) => {
    await Promise.all(open.map((listener) => listener.close(graceMs)));
  };
  try {
    let certificateEnd: number | null = null;
    for (const address of config.listen) {
      const tls = tlsFor(address, deps);
      open.push(await listenTcp(address, tls, byToken, { upgrade, newcomers }));
      if (tls) certificateEnd = Date.parse(new X509Certificate(tls.cert).validTo);
    }
    const socket = await listenSocket(join(data, 'admin.sock'), byOwner);
    open.push(socket);
    return { socket, tcp: open.slice(0, -1), certificateEnd, close };
  } catch (error) {
    await close(0);
    throw error;
  }
}

function tlsFor(address: ListenAddress, { config, data, clock }: HttpDeps): TlsFiles | undefined {
  if (config.tls === 'off') return undefined;
  if (config.tls !== 'auto') return { cert: read(config.tls.cert, 'cert'), key: read(config.tls.key, 'key') };
  if (isLoopback(address.host)) return undefined;
  return selfSigned(join(data, 'tls'), certificateNames(config), clock.now());
}

/** One certificate for all listeners: under every name this configuration knows. */
function certificateNames(config: Config['http']): string[] {
  const hosts = config.listen.map((address) => address.host ?? '').filter((host) => !/^(0\.0\.0\.0|::)?$/.test(host));
  const names = ['localhost', '127.0.0.1', '::1', hostname(), ...hosts];
  if (config.public_url !== null) names.push(new URL(config.public_url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(names)].filter((name) => /^[\w.:-]+$/.test(name));
}

function isLoopback(host: string | undefined): boolean {
  return host !== undefined && (host === 'localhost' || host === '::1' || /^127\./.test(plainAddress(host)));
}

function read(file: string, key: 'cert' | 'key'): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError(
      'config',
      `http.tls.${key}: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      { cause },
    );
  }
}

function checkProxies(proxies: readonly string[]): void {
  const wrong = proxies.find((proxy) => !checkAddressBlock(proxy));
  if (wrong !== undefined) {
    throw new AppError(
      'config',
      `http.trusted_proxies: "${wrong}" is no address or block such as 10.0.0.5 or 10.0.0.0/8.`,
    );
  }
}

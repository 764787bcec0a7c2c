import { connect as netConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type AuthenticationType, type Client, type NextAuthHandler } from 'ssh2';
import type { AppError } from '../kernel/errors.ts';
import { legacyTargetAlgorithms, targetAlgorithms } from '../kernel/ssh2/algorithms.ts';
import { autoRekey } from '../kernel/ssh2/rekey.ts';
import { remoteKeys, SIGNER_ERROR } from '../kernel/ssh2/remote-keys.ts';
import { tuneSocket } from '../kernel/ssh2/socket.ts';
import { bannerReader } from './banner.ts';
import type { Credential } from './credentials.ts';
import type { TargetDeps } from './deps.ts';
import {
  abortError,
  authError,
  connectError,
  isLoginRefusal,
  type Peer,
  PeerClosed,
  type Phase,
  timeoutError,
} from './errors.ts';
import type { HostKeyGuard } from './host-keys.ts';
import { agentSilentError, refusedError } from './refusals.ts';

/** Between two addresses of one name (RFC 8305 §5). */
const ADDRESS_DELAY_MS = 250;
const MISSED_KEEPALIVES = 3;
/** Of what the machine says first; enough to tell an SSH server from another. */
const GREETING_BYTES = 1024;

export interface DialOptions {
  readonly peer: Peer;
  /** undefined: only up to the host key, no login is tried. */
  readonly credential: Credential | undefined;
  readonly guard: HostKeyGuard;
  /** A stream through a jump asset; undefined dials TCP. */
  readonly stream: Duplex | undefined;
  /** Told what the machine says before the login, line by line and fit for a terminal. */
  readonly banner?: ((line: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Connects, checks the host key and logs in, all within the connect timeout. Rejects with an AppError `target_*` or
 * `host_key_changed`, and then leaves nothing open. The client keeps itself alive and renews its keys.
 */
export function dial(deps: Pick<TargetDeps, 'timing' | 'clock' | 'log'>, options: DialOptions): Promise<Client> {
  const { peer, guard, signal } = options;
  const client = new ssh2.Client();
  // each channel that is being opened waits for its end, too
  client.setMaxListeners(0);
  const agent = options.credential?.kind === 'agent' ? options.credential.login : undefined;
  let phase: Phase = 'connect';
  let greeting = '';

  return new Promise<Client>((resolve, reject) => {
    const socket: Duplex =
      options.stream ??
      netConnect({
        host: peer.host,
        port: peer.port,
        noDelay: true,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: ADDRESS_DELAY_MS,
      });
    tuneSocket(socket);
    socket.once('data', (chunk: Buffer) => {
      greeting = chunk.toString('latin1', 0, GREETING_BYTES);
    });

    let settled = false;
    const settle = (error?: AppError) => {
      if (settled) return;
      settled = true;
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      agent?.close();
      if (!error) return resolve(client);
      reject(error);
      client.end();
      socket.destroy();
    };
    const onAbort = () => settle(abortError(signal));
    const failure = (error: Error & { readonly level?: string }) =>
      options.credential && isLoginRefusal(error, phase)
        ? refusedError(peer, options.credential, error)
        : connectError(error, peer, phase, greeting);
    const cancelTimer = deps.clock.after(deps.timing.connectTimeout, () =>
      settle(agent?.waiting ? agentSilentError(peer) : timeoutError(`${peer.name} (${peer.host}:${peer.port})`)),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();

    client.on('connect', () => {
      if (phase === 'connect') phase = 'handshake';
    });
    client.on('handshake', () => {
      if (phase === 'handshake') phase = 'auth';
      if (!options.credential) settle();
    });
    client.on('error', (error) => {
      // one key could not sign: the next one is tried
      if (!settled && error.level === SIGNER_ERROR)
        deps.log.debug({ err: error, asset: peer.name }, 'an agent did not sign');
      else if (settled) deps.log.debug({ err: error, asset: peer.name }, 'target connection failed');
      else settle(guard.refusal ?? failure(error));
    });
    client.on('close', () => settle(guard.refusal ?? failure(new PeerClosed())));
    if (options.banner) client.on('banner', bannerReader(options.banner));
    client.on('change password', () => settle(authError(peer, undefined, 'wants a new password')));
    client.on('ready', () => {
      autoRekey(client, undefined, deps.clock);
      settle();
    });
    const algorithms = peer.legacy ? legacyTargetAlgorithms : targetAlgorithms;
    client.connect({
      sock: socket,
      username: peer.login,
      ident: 'bastion',
      readyTimeout: 0,
      keepaliveInterval: deps.timing.keepalive,
      keepaliveCountMax: MISSED_KEEPALIVES,
      algorithms: { ...algorithms, serverHostKey: guard.order(algorithms.serverHostKey) },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => guard.check(key, verify),
      authHandler: authentication(methods(client, peer.login, options.credential ?? { kind: 'none' })),
    });
  });
}

/** The methods to try, each once: nothing is sent twice to a machine that counts failures. */
function authentication(attempts: AnyAuthMethod[]) {
  return (left: AuthenticationType[] | null, _partial: boolean | null, next: NextAuthHandler): void => {
    let attempt = attempts.shift();
    while (attempt && left && !left.includes(methodName(attempt))) attempt = attempts.shift();
    // false: nothing left to try; ssh2's types forget it
    next(attempt ?? (false as never));
  };
}

/** An agent's keys are of method `publickey` to the target. */
function methodName({ type }: AnyAuthMethod): AuthenticationType {
  return type === 'agent' ? 'publickey' : type;
}

function methods(client: Client, username: string, credential: Credential): AnyAuthMethod[] {
  if (credential.kind === 'none') return [{ type: 'none', username }];
  if (credential.kind === 'agent') return [remoteKeys(client, username, credential.login)];
  if (credential.kind !== 'password') return [{ type: 'publickey', username, key: credential.key }];
  const password = credential.secret.exposeText();
  let answered = false;
  return [
    { type: 'password', username, password },
    {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, answer) => {
        const first = !answered;
        answered ||= prompts.some((prompt) => !prompt.echo);
        answer(prompts.map((prompt) => (first && !prompt.echo ? password : '')));
      },
    },
  ];
}

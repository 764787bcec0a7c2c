import type { Client, ClientChannel } from 'ssh2';
import { Grant } from '../access/grant.ts';
import type { TargetChannel } from '../kernel/channel.ts';
import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import { clientChannel } from '../kernel/ssh2/channel.ts';
import type { Actor } from '../store/model.ts';
import { withCharset } from './charset.ts';
import type { Connector, OpenRequest } from './connector.ts';
import { type Credential, storedCredential } from './credentials.ts';
import type { TargetDeps } from './deps.ts';
import { abortError } from './errors.ts';
import { type Link, reach, sshPort } from './ssh-hop.ts';
import { ChannelRefused, UpstreamPool } from './upstream.ts';

export interface SshConnector extends Connector {
  /** The client connection of this key is gone: its target connections end at once. */
  release(shareKey: object): void;
  /** Ends every target connection. */
  close(): void;
}

/** Shells and commands on targets over SSH. */
export function createSshConnector(deps: TargetDeps): SshConnector {
  const pool = new UpstreamPool(deps.clock);
  return {
    async open(grant, request, signal) {
      if (!Grant.isGrant(grant) || grant.protocol !== 'ssh') {
        throw new AppError('internal', 'An SSH target was asked for without the right to it.');
      }
      const connect = async (until: AbortSignal): Promise<Link> => {
        const { asset, login } = grant;
        const credential = await credentialOf(deps, grant);
        const to = { asset, port: sshPort(asset), login, credential, typed: grant.entry.kind === 'input' };
        try {
          return await reach(deps, to, { by: actorOf(grant), progress: request.progress, signal: until });
        } finally {
          if (grant.entry.kind === 'stored' && credential.kind === 'password') credential.secret.wipe();
        }
      };
      const opened = new WeakMap<ClientChannel, TargetChannel>();
      const openOn = (withPty: boolean) => (client: Client) =>
        openSession(deps, client, withPty ? request : { ...request, pty: undefined }, opened, signal);
      const key = shareName(grant);
      const channel = await pool.open(request.shareKey, key, connect, openOn(true), signal).catch((error: unknown) => {
        if (!(error instanceof PtyRefused)) throw error;
        // as ssh does: the program runs without a terminal
        request.progress?.(`${grant.asset.name} gives no terminal; going on without one.`);
        return pool.open(request.shareKey, key, connect, openOn(false), signal);
      });
      const target = opened.get(channel)!;
      if (!request.pty) return target;
      const charset = grant.asset.charset ?? (await deps.store.platforms.byName(grant.asset.platform))?.charset;
      return charset ? withCharset(target, charset) : target;
    },
    release: (shareKey) => pool.release(shareKey),
    close: () => pool.closeAll(),
  };
}

class PtyRefused extends Error {}

/** Opens one session channel and adapts it in the same turn, before its first byte can arrive. */
function openSession(
  deps: TargetDeps,
  client: Client,
  request: OpenRequest,
  opened: WeakMap<ClientChannel, TargetChannel>,
  signal: AbortSignal,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    let late = false;
    const settle = (error: Error | undefined, channel?: ClientChannel) => {
      if (late) return channel?.close();
      late = true;
      cancel();
      signal.removeEventListener('abort', onAbort);
      if (!channel) return reject(error);
      opened.set(channel, clientChannel(channel));
      resolve(channel);
    };
    const onAbort = () => settle(abortError(signal));
    const cancel = deps.clock.after(deps.timing.connectTimeout, () =>
      settle(
        new AppError(
          'target_timeout',
          'The target let the login in and then did not open a session in time: check its load and the login shell.',
        ),
      ),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();

    // ssh2 tells the end of the connection as if the program had been refused, and only then that it is gone
    let gone = false;
    client.once('close', () => {
      gone = true;
    });
    const done = (error: Error | undefined, channel: ClientChannel) => {
      if (error) setImmediate(() => settle(gone ? connectionLost(error) : sessionError(error)));
      else settle(undefined, channel);
    };
    const env = Object.fromEntries(request.env);
    const pty = request.pty && { term: request.pty.term, ...request.pty.size, modes: request.pty.modes };
    try {
      if (request.command === undefined) client.shell(pty ?? false, { env }, done);
      else client.exec(request.command, pty ? { env, pty } : { env }, done);
    } catch (error) {
      settle(
        new AppError('target_closed', 'The connection to the target broke off just now: try again.', { cause: error }),
      );
    }
  });
}

function sessionError(error: Error & { reason?: unknown }): Error {
  if (/pseudo-terminal/.test(error.message)) return new PtyRefused(error.message);
  if (typeof error.reason === 'number') return new ChannelRefused(error.message);
  if (/Unable to (exec|open shell)/.test(error.message)) {
    return new AppError(
      'target_refused',
      'The target refused to start the program: its sshd allows this login no shell or command.',
      { cause: error },
    );
  }
  return connectionLost(error);
}

function connectionLost(cause: Error): AppError {
  return new AppError('target_closed', 'The target closed the connection while the session was opened.', { cause });
}

async function credentialOf(deps: TargetDeps, grant: Grant): Promise<Credential> {
  const { entry } = grant;
  return entry.kind === 'input' ? { kind: 'password', secret: entry.secret } : storedCredential(deps, entry.account);
}

const typedSecrets = new WeakMap<Secret, number>();
let typedCount = 0;

/** Equal names share a connection. A typed secret is only shared with itself: another one must prove itself again. */
function shareName(grant: Grant): string {
  const { asset, entry } = grant;
  const place = `${asset.id} ${asset.address} ${sshPort(asset)} ${asset.viaId ?? ''}`;
  if (entry.kind === 'stored') return `${place} account ${entry.account.id} ${entry.account.updatedAt}`;
  let number = typedSecrets.get(entry.secret);
  if (number === undefined) {
    number = typedCount++;
    typedSecrets.set(entry.secret, number);
  }
  return `${place} typed ${number} ${entry.login}`;
}

/** The person of a grant as the audit names them. */
function actorOf(grant: Grant): Actor {
  const { user, from } = grant.who;
  return { kind: 'user', userId: user.id, name: user.name, ip: from.ip, via: from.via };
}

import type { Client, ClientChannel } from 'ssh2';
import { Grant } from '../access/grant.ts';
import { actorOf } from '../auth/actor.ts';
import type { TargetChannel } from '../kernel/channel.ts';
import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import { AgentLogin } from './agent-login.ts';
import { withCharset } from './charset.ts';
import type { Connector, OpenRequest } from './connector.ts';
import { type Credential, evidenceOf, storedCredential } from './credentials.ts';
import type { TargetDeps } from './deps.ts';
import { agentNeeded } from './refusals.ts';
import { type Link, reach, sshPort } from './ssh-hop.ts';
import { openProgram, PtyRefused } from './ssh-program.ts';
import { UpstreamPool } from './upstream.ts';

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
        const credential = await credentialOf(deps, grant, request);
        const to = { asset, port: sshPort(asset), login, credential, typed: grant.entry.kind === 'input' };
        try {
          const { progress, banner } = request;
          const link = await reach(deps, to, { by: actorOf(grant.who), progress, banner, signal: until });
          return await audited(deps, grant, credential, link);
        } finally {
          if (grant.entry.kind === 'stored' && credential.kind === 'password') credential.secret.wipe();
        }
      };
      const opened = new WeakMap<ClientChannel, TargetChannel>();
      const openOn = (withPty: boolean) => (client: Client) =>
        openProgram(deps, client, { ...request, pty: withPty ? request.pty : undefined, to: grant.to }, opened, signal);
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

async function credentialOf(deps: TargetDeps, grant: Grant, request: OpenRequest): Promise<Credential> {
  const { entry } = grant;
  if (entry.kind === 'input') return { kind: 'password', secret: entry.secret };
  if (entry.account.secretKind !== 'agent')
    return storedCredential(deps, entry.account, { by: actorOf(grant.who), what: `grant ${grant.id}` });
  if (!request.agent) throw agentNeeded(entry.account, request.program);
  return { kind: 'agent', login: new AgentLogin(request.agent, grant.who.factors.publicKey, request.progress) };
}

/** Which key or certificate entered is written down before anything is done with the connection. */
async function audited(deps: TargetDeps, grant: Grant, credential: Credential, link: Link): Promise<Link> {
  const evidence = evidenceOf(credential);
  if (!evidence || grant.entry.kind !== 'stored') return link;
  const { id, login, assetName } = grant.entry.account;
  try {
    await deps.store.audit.append({
      actor: actorOf(grant.who),
      action: 'account.enter',
      outcome: 'ok',
      target: { kind: 'account', id, name: `${login}@${assetName}` },
      reason: null,
      details: { grant: grant.id, ...evidence },
    });
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
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

import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { AppError } from '../kernel/errors.ts';
import { bracketed } from '../kernel/ip.ts';
import { OPEN_REFUSED } from '../kernel/ssh2/forward-opening.ts';
import { channelStream } from '../kernel/ssh2/stream.ts';
import type { Account, Actor, Asset } from '../store/model.ts';
import { type Credential, evidenceOf, storedCredential } from './credentials.ts';
import type { Progress, TargetDeps } from './deps.ts';
import { dial } from './dial.ts';
import { abortError, connectError, type Peer, timeoutError } from './errors.ts';
import { createHostKeyGuard, type SeenKey } from './host-keys.ts';

/** With several accounts on a jump asset, the one of this name is used for passing through. */
const JUMP_LOGIN = 'jump';

/** A logged-in machine and the connections in front of it. */
export interface Link {
  readonly client: Client;
  readonly hostKey: SeenKey | undefined;
  /** Names of the jump assets, outermost first. */
  readonly via: readonly string[];
  close(): void;
}

export interface Destination {
  readonly asset: Asset;
  readonly port: number;
  readonly login: string;
  /** undefined: the link ends at the checked host key, before any login. */
  readonly credential: Credential | undefined;
  /** The person typed the secret for this session; none is stored that an administrator could correct. */
  readonly typed?: boolean;
}

export interface ReachOptions {
  readonly by: Actor;
  readonly progress?: Progress | undefined;
  /** Of the destination; what machines on the way say is not for the person. */
  readonly banner?: ((line: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Connects to a machine through its jump assets, if it has any, and logs in. A jump asset is entered with an account
 * of its own and its own pinned host key. Passing through is part of reaching the asset a person has the right to,
 * so it needs no right of its own; each passage is audited. AppErrors as of `dial`, or `conflict` for a loop,
 * `no_account` when a jump asset has no account to use.
 */
export async function reach(deps: TargetDeps, to: Destination, options: ReachOptions): Promise<Link> {
  const hops = await jumpAssets(deps, to.asset);
  const clients: Client[] = [];
  const close = () => {
    for (const client of clients.toReversed()) client.end();
  };
  let stream: Duplex | undefined;
  try {
    for (const [index, asset] of hops.entries()) {
      const next = hops[index + 1] ?? to.asset;
      options.progress?.(`Going through ${asset.name}.`);
      const account = await passingAccount(deps, asset);
      const hop = {
        asset,
        port: sshPort(asset),
        login: account.login,
        credential: await storedCredential(deps, account, { by: options.by, what: `on the way to ${to.asset.name}` }),
      };
      const { client, peer } = await enter(deps, hop, stream, { ...options, banner: undefined });
      clients.push(client);
      await deps.store.audit.append({
        actor: options.by,
        action: 'asset.pass',
        outcome: 'ok',
        target: { kind: 'asset', id: asset.id, name: asset.name },
        reason: null,
        details: { account: account.login, to: to.asset.name, ...evidenceOf(hop.credential) },
      });
      stream = await passOn(deps, client, peer, next, next === to.asset ? to.port : sshPort(next), options.signal);
    }
    const { client, hostKey } = await enter(deps, to, stream, options);
    clients.push(client);
    // a jump machine that goes away takes the stream with it, and so the client; the rest is ours to close
    client.on('close', close);
    return { client, hostKey, via: hops.map((asset) => asset.name), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The jump assets in front of an asset, outermost first. */
async function jumpAssets(deps: Pick<TargetDeps, 'store'>, asset: Asset): Promise<Asset[]> {
  const path: Asset[] = [];
  for (let at = asset; at.viaId !== null; ) {
    const via = await deps.store.assets.byId(at.viaId);
    if (!via)
      throw new AppError(
        'not_found',
        `The jump asset of ${at.name} does not exist any more: set another one with \`bastion asset set ${at.name} --via ASSET\`.`,
      );
    if (via.id === asset.id || path.some((seen) => seen.id === via.id)) {
      throw new AppError(
        'conflict',
        `The jump assets of ${asset.name} run in a circle at ${via.name}: change one of them with \`bastion asset set NAME --via ASSET\`.`,
      );
    }
    if (!via.active)
      throw new AppError(
        'target_unreachable',
        `${at.name} is reached through ${via.name}, which is switched off: \`bastion asset set ${via.name} --active\` switches it on.`,
      );
    path.unshift(via);
    at = via;
  }
  return path;
}

/** The only active account with a secret or certificates, else the one called `jump`. Nobody's agent is asked on the way. */
async function passingAccount(deps: Pick<TargetDeps, 'store'>, asset: Asset): Promise<Account> {
  const usable = (await deps.store.accounts.list(asset.id)).filter(
    (each) => each.active && each.secretKind !== 'none' && each.secretKind !== 'agent',
  );
  const account = usable.length === 1 ? usable[0] : usable.find((each) => each.login === JUMP_LOGIN);
  if (account) return account;
  throw new AppError(
    'no_account',
    usable.length === 0
      ? `The jump asset ${asset.name} has no account with a secret: add one with \`bastion account add ${asset.name} LOGIN --key-file FILE\` (or --certificate).`
      : `The jump asset ${asset.name} has ${usable.length} accounts and none is called ${JUMP_LOGIN}: name the one for passing through so, or keep only one.`,
  );
}

export function sshPort(asset: Asset): number {
  const ssh = asset.protocols.find((protocol) => protocol.name === 'ssh');
  if (ssh) return ssh.port;
  throw new AppError(
    'unsupported',
    `${asset.name} has no SSH: add it with \`bastion asset set ${asset.name} --protocol ssh\`.`,
  );
}

async function enter(deps: TargetDeps, to: Destination, stream: Duplex | undefined, options: ReachOptions) {
  try {
    const { asset, port, login, credential } = to;
    const platform = await deps.store.platforms.byName(asset.platform);
    const peer: Peer = {
      name: asset.name,
      host: asset.address,
      port,
      login,
      legacy: platform?.legacyAlgorithms ?? false,
      typed: to.typed ?? false,
    };
    const endpoint = `${bracketed(asset.address)}:${port}`;
    const guard = await createHostKeyGuard(deps, { asset, endpoint }, options.by, options.progress);
    if (peer.legacy) options.progress?.(`${asset.name} is of a legacy platform: old algorithms are offered to it.`);
    const client = await dial(deps, {
      peer,
      credential,
      guard,
      stream,
      banner: options.banner,
      signal: options.signal,
    });
    return { client, peer, hostKey: guard.seen };
  } catch (error) {
    stream?.destroy();
    throw error;
  }
}

/** A connection from a jump machine to the next one. */
function passOn(
  deps: TargetDeps,
  client: Client,
  from: Peer,
  next: Asset,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const give = (error?: AppError, stream?: Duplex) => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      if (stream) resolve(stream);
      else reject(error);
    };
    const onAbort = () => give(abortError(signal));
    const cancel = deps.clock.after(deps.timing.connectTimeout, () =>
      give(timeoutError(`${next.name} (from ${from.name})`)),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    client.forwardOut('127.0.0.1', 0, next.address, port, (error, channel) => {
      if (error) give(hopError(error, from, next, port));
      else give(undefined, channelStream(channel));
    });
  });
}

function hopError(error: Error & { reason?: unknown }, from: Peer, next: Asset, port: number): AppError {
  const where = `${next.name} (${next.address}:${port})`;
  if (error.reason === OPEN_REFUSED.prohibited) {
    return new AppError(
      'target_refused',
      `${from.name} does not forward connections to ${where}: allow it in its sshd (AllowTcpForwarding, PermitOpen).`,
      { cause: error },
    );
  }
  if (error.reason === OPEN_REFUSED.connectFailed) {
    const code = /refused/i.test(error.message) ? 'target_refused' : 'target_unreachable';
    return new AppError(
      code,
      `${from.name} cannot connect to ${where}: check the address as ${from.name} sees it, and that its SSH server runs.`,
      { cause: error },
    );
  }
  return connectError(error, from, 'ready', '');
}

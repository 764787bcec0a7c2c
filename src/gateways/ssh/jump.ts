import type { ServerChannel } from 'ssh2';
import { AppError } from '../../kernel/errors.ts';
import { isLoopback, spellings } from '../../kernel/ip.ts';
import { type Place, placeText } from '../../kernel/program.ts';
import type { Asset } from '../../store/model.ts';
import type { ConnectionContext } from './context.ts';
import { TEXTS } from './texts.ts';

/** Each jump within a jump encrypts everything once more. */
const MAX_DEPTH = 4;
/** Port 22 behind the name of an asset means its SSH port, whatever that is. */
const SSH_PORT = 22;
/** A host name of the DNS is shorter; whatever is longer names no asset. */
const MAX_HOST = 255;
/** What no host name and no name in a certificate may hold: it would be a list or a pattern there. */
const NO_HOST = /[\p{C}\s,*?!@[\]]/u;

/** A way in to an asset's SSH port, which the bastion answers itself (ProxyJump). */
export interface Jump {
  readonly asset: Asset;
  /** The host as the client named it: what it expects in the host certificate. */
  readonly host: string;
  readonly port: number;
}

/** Answers jumps with an SSH server of our own. */
export interface JumpServer {
  /** The channel was accepted in this very turn. */
  serve(context: ConnectionContext, jump: Jump, channel: ServerChannel): void;
}

/**
 * Whether a direct-tcpip channel means the SSH port of an asset this person may reach: by name, address or id, or by
 * a loopback name for the asset their connection is for. Ask it before anything is forwarded: what it finds is never
 * forwarded. undefined for everything else, and the same for an asset that is not there and one that is not theirs.
 * AppError `conflict` when the address stands for several assets, `rate_limited` when there are too many jumps.
 */
export async function findJump(context: ConnectionContext, place: Place): Promise<Jump | undefined> {
  if (place.kind !== 'tcp' || place.host.length > MAX_HOST || NO_HOST.test(place.host)) return undefined;
  const { host, port } = place;
  const { access, identity, destination } = context;

  const found = await meant();
  const bound = found && jumpBound(context);
  if (bound !== undefined) throw new AppError('rate_limited', bound);
  return found;

  async function meant(): Promise<Jump | undefined> {
    const own = destination.asset;
    if (own !== undefined && isLoopback(host)) {
      const [asset] = await matching(own, (each) => each === port);
      return asset && { asset, host, port };
    }
    for (const text of spellings(host)) {
      const named = ({ name, id }: Asset) => sameName(name, text) || sameName(id, text);
      const found = await matching(text, (each, asset) => each === port || (port === SSH_PORT && named(asset)));
      if (found.length > 1)
        throw new AppError(
          'conflict',
          TEXTS.jumpAmbiguous(
            host,
            found.map(({ name }) => name),
          ),
        );
      if (found[0]) return { asset: found[0], host, port };
    }
    return undefined;
  }

  async function matching(text: string, fits: (sshPort: number, asset: Asset) => boolean): Promise<Asset[]> {
    const open = await access.reachableAs(identity, text);
    return open
      .filter(({ protocols }) => protocols.includes('ssh'))
      .map(({ asset }) => asset)
      .filter((asset) => asset.protocols.some((one) => one.name === 'ssh' && fits(one.port, asset)));
  }
}

/** Why no further jump may begin here, undefined when one may. */
export function jumpBound({ config, jumped, jumpCount }: ConnectionContext): string | undefined {
  const max = config.ssh.max_channels;
  if (jumpCount.open >= max) return TEXTS.tooManyJumps(max);
  return (jumped?.depth ?? 0) >= MAX_DEPTH ? TEXTS.tooDeep(MAX_DEPTH) : undefined;
}

/** The jump this connection is inside of, as the client named it; undefined when it came by itself. */
export function jumpText({ jumped }: ConnectionContext): string | undefined {
  return jumped && placeText({ kind: 'tcp', ...jumped.jump });
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

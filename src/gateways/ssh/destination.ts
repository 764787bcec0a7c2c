import { isIP } from 'node:net';
import type { AccountChoice } from '../../access/access.ts';
import { printable } from '../../kernel/printable.ts';
import type { Protocol } from '../../store/model.ts';
import { PROTOCOL_PORTS } from '../../store/model.ts';
import type { ConnectionContext } from './context.ts';
import { TEXTS } from './texts.ts';

/** What the user name of the SSH protocol says: who logs in, and where they want to go. */
export interface Destination {
  /** The part before the first separator: the only part that logs in. Never holds a control character. */
  readonly login: string;
  /** undefined: the menu. */
  readonly asset: string | undefined;
  readonly account: string | undefined;
  readonly protocol: Protocol | undefined;
  /** Why the rest names no destination. Told only after the login, so that it helps nobody else. */
  readonly problem: string | undefined;
}

/** No name of ours is longer; a longer one is cut, which makes it a name nobody has. */
const MAX_NAME = 512;

/**
 * Reads the direct forms from the right: `user`, `user@asset`, `user@account@asset`, `user@protocol@account@asset`,
 * with `@` or `#` between. An account that holds such a character writes it as `%40` or `%23`; `@input` may be
 * written as it is (`user@@input@asset`).
 */
export function parseDestination(wireName: string): Destination {
  const parts = joinSpecialAccount(wireName.slice(0, MAX_NAME).split(/[@#]/));
  const login = printable(parts.shift() ?? '');
  const none = { login, asset: undefined, account: undefined, protocol: undefined };
  const failed = (problem: string): Destination => ({ ...none, problem });

  if (wireName.length > MAX_NAME) return failed(TEXTS.destinationTooLong);
  if (parts.length === 0) return { ...none, problem: undefined };
  if (parts.length > 3 || parts.includes('')) return failed(TEXTS.destinationForm);
  if (parts.some((part) => printable(part) !== part)) return failed(TEXTS.destinationCharacters);

  const asset = unbracketed(parts.pop()!);
  const account = parts.pop();
  const protocol = parts.pop()?.toLowerCase();
  if (protocol !== undefined && !isProtocol(protocol)) return failed(TEXTS.destinationProtocol(protocol));
  const decoded = account === undefined ? undefined : percentDecoded(account);
  if (decoded === null) return failed(TEXTS.destinationEncoding);
  return { login, asset, account: decoded, protocol, problem: undefined };
}

/** The user name with which a client leaves the choice of the account to the bastion: it cannot send none. */
const ANY_ACCOUNT = '_';

/**
 * The user name inside a ProxyJump is the account, nothing else: `@` and `#` separate nothing there. `%XX` is decoded
 * as in the direct forms. `_` or no name at all means the one usable account.
 */
export function innerDestination(wireName: string, login: string, asset: string): Destination {
  const account = wireName.length > MAX_NAME || printable(wireName) !== wireName ? null : percentDecoded(wireName);
  const known = { login, asset, protocol: 'ssh' as const };
  if (account === null) return { ...known, account: undefined, problem: TEXTS.innerAccount };
  const any = wireName === '' || wireName === ANY_ACCOUNT;
  return { ...known, account: any ? undefined : account, problem: undefined };
}

/** How each of these accounts is written on this connection: as `parseDestination`, or inside a jump `innerDestination`, reads it. */
export function accountForms(
  context: Pick<ConnectionContext, 'destination' | 'jumped'>,
  asset: string,
  accounts: readonly AccountChoice[],
): string[] {
  const { destination, jumped } = context;
  return accounts.map(({ name }) => {
    if (!jumped) return `${destination.login}@${name.replace(/[@#%]/g, encodeURIComponent)}@${asset}`;
    return `${name === ANY_ACCOUNT ? '%5F' : name.replaceAll('%', '%25')}@${jumped.jump.host}`;
  });
}

/** `…@@input@…` splits into an empty part and `input`: these two are one account. Empty parts mean nothing else. */
function joinSpecialAccount(parts: string[]): string[] {
  const at = parts.length - 3;
  if (at < 1 || parts[at] !== '' || parts[at + 1] !== 'input') return parts;
  return [...parts.slice(0, at), '@input', parts.at(-1)!];
}

function unbracketed(asset: string): string {
  const inner = /^\[(.+)\]$/.exec(asset)?.[1];
  return inner !== undefined && isIP(inner) === 6 ? inner : asset;
}

function isProtocol(text: string): text is Protocol {
  return Object.hasOwn(PROTOCOL_PORTS, text);
}

/** null when what follows a `%` is no UTF-8 text, or one with control characters. A `%` without two hex digits is itself. */
function percentDecoded(text: string): string | null {
  try {
    const decoded = text.replace(/(?:%[0-9a-fA-F]{2})+/g, decodeURIComponent);
    return printable(decoded) !== decoded ? null : decoded;
  } catch {
    return null;
  }
}

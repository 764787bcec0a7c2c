import { AppError } from '../kernel/errors.ts';
import { printable } from '../kernel/printable.ts';
import { refuseAddressPattern } from './address-patterns.ts';
import { forcedSftp, type KeyRestrictions } from './key-options.ts';
import type { Presence } from './public-key.ts';

/** The meaning of the options before a key in authorized_keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). */
export interface KeyOptions {
  readonly restrictions: KeyRestrictions;
  /** What a security key must confirm: `no-touch-required`, `verify-required`. */
  readonly presence: Presence;
}

type Draft = { -readonly [K in keyof KeyRestrictions]: KeyRestrictions[K] } & { touch: boolean; verified: boolean };
type Setter = (draft: Draft, value: string) => void;

/** Options without a value, in the order sshd applies them: as written, so `restrict,pty` and `pty,restrict` differ. */
const FLAGS: Readonly<Record<string, (draft: Draft) => void>> = {
  restrict: (d) => {
    d.pty = false;
    d.portForwarding = false;
    d.agentForwarding = false;
  },
  pty: (d) => {
    d.pty = true;
  },
  'no-pty': (d) => {
    d.pty = false;
  },
  'port-forwarding': (d) => {
    d.portForwarding = true;
  },
  'no-port-forwarding': (d) => {
    d.portForwarding = false;
  },
  'no-touch-required': (d) => {
    d.touch = false;
  },
  'verify-required': (d) => {
    d.verified = true;
  },
  'agent-forwarding': (d) => {
    d.agentForwarding = true;
  },
  'no-agent-forwarding': (d) => {
    d.agentForwarding = false;
  },
  // X11 forwarding is never opened here and there is no rc file: these hold as they are
  'x11-forwarding': () => {},
  'no-x11-forwarding': () => {},
  'user-rc': () => {},
  'no-user-rc': () => {},
};

const VALUES: Readonly<Record<string, Setter>> = {
  from(draft, value) {
    if (draft.from.length > 0) throw refusal('from= stands twice; put all patterns into one, separated by commas');
    const patterns = value.split(',').map((pattern) => pattern.trim());
    for (const pattern of patterns) {
      const why = refuseAddressPattern(pattern);
      if (why) throw refusal(`from=: ${why}`);
    }
    if (patterns.every((pattern) => pattern.startsWith('!')))
      throw refusal('from= only excludes addresses; add one that is allowed, such as *');
    draft.from = patterns;
  },
  'expiry-time'(draft, value) {
    const at = parseExpiry(value);
    draft.expiresAt = draft.expiresAt === null ? at : Math.min(draft.expiresAt, at);
  },
  permitopen(draft, value) {
    if (!/^(?:\[[0-9a-fA-F:]+\]|[^\s:[\]]+):(?:\d{1,5}|\*)$/.test(value)) {
      throw refusal(`permitopen= needs HOST:PORT, got "${value}"`);
    }
    draft.permitOpen = [...draft.permitOpen, value];
  },
  command(draft, value) {
    if (draft.forceCommand !== null) throw refusal('command= stands twice');
    if (/^internal-sftp(?:\s|$)/.test(value) && !forcedSftp(value))
      throw refusal(`command="${printable(value, 80)}": of the options of internal-sftp only -R has a meaning here`);
    draft.forceCommand = value;
  },
};

/** Options of sshd that have no meaning here, with what to do instead. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'cert-authority': 'a certificate authority is trusted for everyone: add its key with `bastion ca add`',
  principals: 'principals are for certificate authorities; a certificate must name the user exactly',
  environment: 'environment= cannot be set by a key',
  permitlisten: 'remote forwarding (-R) is not offered',
  tunnel: 'tunnel devices are not offered',
};

/** Parses an options text; '' means none. AppError `invalid` says which option is refused and why. */
export function parseAuthorizedOptions(text: string): KeyOptions {
  const draft: Draft = {
    from: [],
    expiresAt: null,
    pty: true,
    portForwarding: true,
    agentForwarding: true,
    permitOpen: [],
    forceCommand: null,
    touch: true,
    verified: false,
  };
  for (const option of splitOptions(text)) apply(draft, option);
  const { touch, verified, ...restrictions } = draft;
  return { restrictions, presence: { touch, verified } };
}

function apply(draft: Draft, option: string): void {
  const equals = option.indexOf('=');
  const name = (equals < 0 ? option : option.slice(0, equals)).toLowerCase();
  if (Object.hasOwn(NOT_HERE, name)) throw refusal(`${name} is refused: ${NOT_HERE[name]}`);
  const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  const setter = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (!flag && !setter) throw refusal(`unknown option "${printable(option, 80)}"; remove it`);
  if (flag && equals >= 0) throw refusal(`${name} takes no value`);
  if (setter && equals < 0) throw refusal(`${name} needs a value: ${name}="…"`);
  flag?.(draft);
  setter?.(draft, unquote(name, option.slice(equals + 1)));
}

/** Where the options end: at the first space outside quotes. */
export function endOfOptions(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const c = line[at];
    if (c === '\\' && line[at + 1] === '"') at++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === ' ' || c === '\t')) return at;
  }
  if (quoted) throw refusal('a quotation mark is not closed');
  return line.length;
}

function splitOptions(text: string): string[] {
  const options: string[] = [];
  let quoted = false;
  let current = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === '\\' && text[at + 1] === '"') {
      current += '\\"';
      at++;
    } else if (c === ',' && !quoted) {
      options.push(current);
      current = '';
    } else {
      if (c === '"') quoted = !quoted;
      current += c;
    }
  }
  if (quoted) throw refusal('a quotation mark is not closed');
  if (text !== '') options.push(current);
  if (options.some((option) => option === '')) throw refusal('an option between two commas is empty');
  return options;
}

function unquote(name: string, value: string): string {
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)?.[1];
  if (inner === undefined) throw refusal(`the value of ${name} must stand in quotation marks: ${name}="…"`);
  if (/\p{Cc}/u.test(inner)) throw refusal(`the value of ${name} holds control characters`);
  if (inner === '') throw refusal(`the value of ${name} is empty`);
  return inner.replaceAll('\\"', '"');
}

/** `YYYYMMDD[HHMM[SS]][Z]`: the machine's own time zone unless a Z says UTC. */
function parseExpiry(value: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z)?$/i.exec(value);
  if (!match) throw refusal(`expiry-time= needs YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC, got "${value}"`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const utc = match[7] !== undefined;
  const date = utc
    ? new Date(Date.UTC(year, month - 1, day, hour, minute, second))
    : new Date(year, month - 1, day, hour, minute, second);
  const sameDay = utc
    ? date.getUTCDate() === day && date.getUTCMonth() === month - 1
    : date.getDate() === day && date.getMonth() === month - 1;
  if (!sameDay || hour > 23 || minute > 59 || second > 59) throw refusal(`expiry-time= names no such date: "${value}"`);
  return date.getTime();
}

function refusal(why: string): AppError {
  return new AppError('invalid', `Key options: ${why}.`);
}

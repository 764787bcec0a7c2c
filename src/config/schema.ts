import { z } from 'zod';
import { bracketed } from '../kernel/ip.ts';

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };
const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `90s`, `1h30m`, `12h`, `180d` → milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text.trim()) return undefined;
  return parts.reduce((sum, p) => sum + Number(p[1]) * DURATION_UNITS[p[2]!]!, 0);
}

/** `512MiB`, `16 MB`, `1048576` → bytes; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * SIZE_UNITS[(match[2] ?? 'b').toLowerCase()]!);
}

const duration = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, ctx) => {
      const ms = parseDuration(text);
      if (ms === undefined)
        ctx.addIssue({ code: 'custom', message: `"${text}" is not a duration such as 30s, 15m, 12h or 180d` });
      return ms ?? z.NEVER;
    })
    .meta({ takes: 'a duration' });

const MINUTE_MS = 60_000;

/** Signs of life are written down once a minute: with less, who is at work would be signed out. */
const signedIn = (fallback: string) =>
  duration(fallback).refine((ms) => ms >= MINUTE_MS, 'must be at least 1m, such as 30m, 12h or 7d');

/** How long something is kept, in milliseconds; null for ever (`never`, 0). Less than a day would be a slip. */
const keeping = (fallback: string) =>
  z
    .union([z.string(), z.literal(0)])
    .default(fallback)
    .transform((value, ctx) => {
      const text = String(value);
      const ms = /^(never|0)$/i.test(text.trim()) ? 0 : parseDuration(text);
      if (ms === undefined || (ms > 0 && ms < DURATION_UNITS.d!))
        ctx.addIssue({ code: 'custom', message: `"${text}" is not a time of at least 1d, such as 180d, or never` });
      return ms === undefined ? z.NEVER : ms || null;
    })
    .meta({ takes: 'a duration of at least 1d, or `never`' });

const size = (fallback: string) =>
  z
    .union([z.string(), z.number().int().nonnegative()])
    .default(fallback)
    .transform((value, ctx) => {
      const text = String(value);
      const bytes = parseSize(text);
      if (bytes === undefined)
        ctx.addIssue({ code: 'custom', message: `"${text}" is not a size such as 512MiB or 1GB` });
      return bytes ?? z.NEVER;
    })
    .meta({ takes: 'a size' });

export interface ListenAddress {
  /** undefined means every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
}

/** An address as people write it, `*` for every one of the machine. */
export function addressText({ host, port }: ListenAddress): string {
  return `${bracketed(host ?? '*')}:${port}`;
}

/** `0.0.0.0:2222`, `[::1]:2222`, `:2222`, `host:22`. */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (!match || port > 65535) return undefined;
  return { host: match[1] || match[2] || undefined, port };
}

const listenText = z.string().transform((text, ctx) => {
  const address = parseListen(text);
  if (!address)
    ctx.addIssue({ code: 'custom', message: `"${text}" is not an address such as 0.0.0.0:2222, [::1]:2222 or :2222` });
  return address ?? z.NEVER;
});
const listen = (fallback: string) =>
  z
    .union([listenText.transform((one) => [one]), z.array(listenText).min(1)])
    .prefault(fallback)
    .meta({
      takes: 'an address or a list of addresses',
    });

const addresses = () => z.array(z.string()).default([]).meta({ takes: 'a list of addresses or CIDR blocks' });
const count = (fallback: number) => z.number().int().positive().default(fallback);

/**
 * Every key of the configuration with its default, what it takes and what it is for; unknown keys are errors. The reference
 * and config.example.yml are made from it: `node scripts/config-reference.mjs`.
 */
export const configSchema = z.strictObject({
  data: z
    .string()
    .default('./data')
    .meta({ takes: 'a directory' })
    .describe(
      'Where everything lives: database, master key, SSH host keys, recordings. Owned by whoever runs the daemon, mode 0700.',
    ),
  ssh: z
    .strictObject({
      listen: listen('0.0.0.0:2222').describe(
        'Where SSH clients come in. IPv6 in brackets; ":2222" is every address of the machine.',
      ),
      login_grace: duration('60s').describe('A connection that has not logged in by then is closed.'),
      max_unauthenticated: count(100).describe('Connections that have not logged in yet, all together.'),
      max_channels: count(64).describe('Channels of one connection (shells and commands of one ControlMaster, say).'),
      max_forwards: count(512).describe('Forwarded connections (-L, -D, -W) of one connection, beside its channels.'),
      banner: z.string().default('').describe('Shown before login; empty for none.'),
      env: z
        .array(z.string())
        .default(['LANG', 'LC_*', 'TERM', 'COLORTERM', 'TZ', 'GIT_PROTOCOL'])
        .describe('Environment variables a client may pass on to the target; * stands for any characters.'),
      keepalive: duration('30s').describe('A client that does not answer three of these in a row is gone.'),
      connect_timeout: duration('15s').describe('To reach a target: connection, key exchange and login together.'),
      proxy_protocol: addresses().describe(
        'Load balancers that speak the PROXY protocol. From them it is required, from others refused.',
      ),
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: listen('127.0.0.1:8080').describe('Where the pages and the REST API are served.'),
      public_url: z
        .url()
        .nullable()
        .default(null)
        .meta({ takes: 'a URL or `null`' })
        .describe('The address people reach the pages under, when it is not the one above.'),
      tls: z
        .union([z.enum(['auto', 'off']), z.strictObject({ cert: z.string(), key: z.string() })])
        .default('auto')
        .meta({ takes: '`auto`, `off`, or `{ cert: FILE, key: FILE }`' })
        .describe('auto: plain on loopback, a self-signed certificate elsewhere. Or your own certificate and key.'),
      trusted_proxies: addresses().describe('Reverse proxies whose X-Forwarded-For is believed.'),
    })
    .prefault({}),
  auth: z
    .strictObject({
      password: z.boolean().default(true).describe('Whether people may log in with a password.'),
      public_key: z.boolean().default(true).describe('Whether people may log in with a public key.'),
      totp: z
        .enum(['optional', 'required', 'admins'])
        .default('optional')
        .describe('One-time codes: optional (whoever enrolled), required (everyone), admins (administrators must).'),
      mfa_remember: duration('12h').describe(
        'A key that passed a one-time code is not asked again for so long. Never applies to a password alone.',
      ),
      lockout: z
        .strictObject({
          tries: count(7).describe(
            'Wrong passwords or codes of one user from one address before that pair has to wait.',
          ),
          for: duration('30m').describe('How long it waits.'),
        })
        .prefault({}),
      web_session: z
        .strictObject({
          idle: signedIn('12h').describe(
            'A browser that is signed in is signed out when nothing came from it for so long.',
          ),
          max: signedIn('7d').describe('It is signed out after so long in any case.'),
        })
        .prefault({}),
      password_min_length: z.number().int().min(8).max(128).default(10).describe('Characters a new password needs.'),
    })
    .prefault({}),
  session: z
    .strictObject({
      idle_timeout: duration('30m').describe('Terminals without a key press are ended.'),
      max_time: duration('24h').describe('No session runs longer.'),
      recording: z
        .enum(['required', 'best-effort'])
        .default('required')
        .describe(
          'required: what cannot be recorded does not run. best-effort: it runs, and the audit says that it is not recorded.',
        ),
      recording_limit: size('1GiB').describe(
        'A recording that outgrows this goes on with one picture of the screen a second.',
      ),
      exec_output_limit: size('16MiB').describe(
        'Output kept of a command without a terminal; beyond it only its size and hash.',
      ),
      disk_reserve: size('512MiB').describe(
        'Free space that must be left on the disk for a recorded session to start.',
      ),
      reconnect_grace: duration('30s').describe(
        'How long a terminal in a page waits for a browser that was cut off; 0s ends its session at once.',
      ),
      shutdown_grace: duration('30s').describe('How long running sessions may go on when the daemon is told to stop.'),
      watermark: z
        .enum(['off', 'on'])
        .default('off')
        .describe(
          'on: terminals in the browser show who looks and when, faintly, so that a photograph says who took it.',
        ),
      max_per_user: count(100).describe('Live sessions of one user.'),
      max_forwards_per_user: count(1024).describe(
        'Forwarded connections of one user; a bound of their own, since a browser through -D makes many.',
      ),
    })
    .prefault({}),
  retention: z
    .strictObject({
      recordings: keeping('180d').describe('How long recordings are kept. Days end in UTC; never keeps for ever.'),
      commands: keeping('180d').describe('How long the command log is kept.'),
      audit: keeping('400d').describe(
        'How long the audit log is kept. It proves the recordings, so it must not be kept shorter than they are.',
      ),
    })
    .prefault({})
    .refine(({ recordings, audit }) => audit === null || (recordings !== null && recordings <= audit), {
      path: ['audit'],
      error: 'must not be shorter than retention.recordings: the audit is what proves a recording',
    }),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info').describe('How much the daemon tells.'),
      format: z
        .enum(['pretty', 'json'])
        .default('pretty')
        .describe('pretty for people, json for machines (one object a line).'),
    })
    .prefault({}),
});

/** Durations are milliseconds, sizes bytes, listeners always a list. */
export type Config = z.output<typeof configSchema>;

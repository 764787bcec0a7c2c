import { z } from 'zod';

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
    });

const MINUTE_MS = 60_000;

/** Signs of life are written down once a minute: with less, who is at work would be signed out. */
const signedIn = (fallback: string) =>
  duration(fallback).refine((ms) => ms >= MINUTE_MS, 'must be at least 1m, such as 30m, 12h or 7d');

/** How long something is kept, in milliseconds; null for ever (`never`, 0). Less than a day would be a slip. */
const keeping = (fallback: string) =>
  z
    .union([z.string(), z.literal(0).transform(String)])
    .default(fallback)
    .transform((text, ctx) => {
      const ms = /^(never|0)$/i.test(text.trim()) ? 0 : parseDuration(text);
      if (ms === undefined || (ms > 0 && ms < DURATION_UNITS.d!))
        ctx.addIssue({ code: 'custom', message: `"${text}" is not a time of at least 1d, such as 180d, or never` });
      return ms === undefined ? z.NEVER : ms || null;
    });

const size = (fallback: string) =>
  z
    .union([z.string(), z.number().int().nonnegative().transform(String)])
    .default(fallback)
    .transform((text, ctx) => {
      const bytes = parseSize(text);
      if (bytes === undefined)
        ctx.addIssue({ code: 'custom', message: `"${text}" is not a size such as 512MiB or 1GB` });
      return bytes ?? z.NEVER;
    });

export interface ListenAddress {
  /** undefined means every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
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
  z.union([listenText.transform((one) => [one]), z.array(listenText).min(1)]).prefault(fallback);

const proxies = z.array(z.string()).default([]);

/** Every key of the configuration with its default; unknown keys are errors. */
export const configSchema = z.strictObject({
  data: z.string().default('./data'),
  ssh: z
    .strictObject({
      listen: listen('0.0.0.0:2222'),
      login_grace: duration('60s'),
      max_unauthenticated: z.number().int().positive().default(100),
      max_channels: z.number().int().positive().default(64),
      max_forwards: z.number().int().positive().default(512),
      banner: z.string().default(''),
      env: z.array(z.string()).default(['LANG', 'LC_*', 'TERM', 'COLORTERM', 'TZ', 'GIT_PROTOCOL']),
      keepalive: duration('30s'),
      connect_timeout: duration('15s'),
      proxy_protocol: proxies,
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: listen('127.0.0.1:8080'),
      public_url: z.url().nullable().default(null),
      tls: z.union([z.enum(['auto', 'off']), z.strictObject({ cert: z.string(), key: z.string() })]).default('auto'),
      trusted_proxies: proxies,
    })
    .prefault({}),
  auth: z
    .strictObject({
      password: z.boolean().default(true),
      public_key: z.boolean().default(true),
      totp: z.enum(['optional', 'required', 'admins']).default('optional'),
      mfa_remember: duration('12h'),
      lockout: z.strictObject({ tries: z.number().int().positive().default(7), for: duration('30m') }).prefault({}),
      web_session: z.strictObject({ idle: signedIn('12h'), max: signedIn('7d') }).prefault({}),
      password_min_length: z.number().int().min(8).max(128).default(10),
    })
    .prefault({}),
  session: z
    .strictObject({
      idle_timeout: duration('30m'),
      max_time: duration('24h'),
      recording: z.enum(['required', 'best-effort']).default('required'),
      recording_limit: size('1GiB'),
      exec_output_limit: size('16MiB'),
      disk_reserve: size('512MiB'),
      reconnect_grace: duration('30s'),
      shutdown_grace: duration('30s'),
      watermark: z.enum(['off', 'on']).default('off'),
      max_per_user: z.number().int().positive().default(100),
      max_forwards_per_user: z.number().int().positive().default(1024),
    })
    .prefault({}),
  retention: z
    .strictObject({ recordings: keeping('180d'), commands: keeping('180d'), audit: keeping('400d') })
    .prefault({})
    .refine(({ recordings, audit }) => audit === null || (recordings !== null && recordings <= audit), {
      path: ['audit'],
      error: 'must not be shorter than retention.recordings: the audit is what proves a recording',
    }),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['pretty', 'json']).default('pretty'),
    })
    .prefault({}),
});

/** Durations are milliseconds, sizes bytes, listeners always a list. */
export type Config = z.output<typeof configSchema>;

import { z } from 'zod';

/** Every code an error answer can carry. */
export const errorCode = z.enum([
  'usage',
  'invalid',
  'config',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'rate_limited',
  'expired',
  'unsupported',
  'needs_daemon',
  'busy',
  'internal',
  'no_permission',
  'no_account',
  'target_refused',
  'target_timeout',
  'target_unreachable',
  'target_name',
  'target_auth',
  'target_protocol',
  'target_closed',
  'host_key_changed',
  'recording_failed',
  'shutting_down',
]);
export type ApiErrorCode = z.output<typeof errorCode>;

/** The body of every answer that is not 2xx. */
export const errorBody = z.object({
  error: z.object({
    code: errorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullable(),
  }),
});
export type ErrorBody = z.output<typeof errorBody>;

/** ISO 8601 with a zone, e.g. `2027-01-31T12:00:00Z`. */
export const time = z.iso.datetime({ offset: true });

export const role = z.enum(['user', 'auditor', 'admin']);
export const protocol = z.enum(['ssh', 'telnet', 'rdp', 'vnc', 'mysql', 'mariadb', 'postgresql', 'redis', 'local']);
export const action = z.enum(['connect', 'upload', 'download', 'delete', 'copy', 'paste', 'forward', 'share']);

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** One line of text without control characters. */
export const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !CONTROL.test(text), 'must be one line without control characters');

export const comment = line(1000);

/** A name that only people read: groups, permissions, authorities. */
export const label = line(128)
  .min(1)
  .refine((text) => text.trim() === text && !isPathStep(text), 'must be a name without white space around it');

/** `.` and `..` cannot stand in the path of a URL. */
const isPathStep = (text: string) => text === '.' || text === '..';

const word = (max: number) =>
  line(max)
    .min(1)
    .regex(/^[^@#:/\s]+$/u, 'may not hold @ # : / or white space')
    .refine((text) => !isPathStep(text), 'is no name');

/** User names stand left of `@` in SSH logins, so what parts those is not allowed in them. */
export const userName = word(64);
/** Asset names stand there too. */
export const assetName = word(128);

/** The login of an account on its asset; may hold `@`, but `@all`, `@user` and `@input` have meanings of their own. */
export const login = line(128).regex(/^[^@]/u, 'must not be empty or begin with @');

/** Absolute, `/` is the root. A trailing slash is dropped. */
export const folderPath = line(512)
  .regex(/^\/(?:[^/]+(?:\/[^/]+)*)?\/?$/u, 'must be an absolute path such as /prod/web')
  .transform((path) => (path.length > 1 ? path.replace(/\/$/, '') : path));

/** A secret in a request body. It never comes back. */
export const password = z.string().min(1).max(1024);

/** `{ items, next }`: pass `next` as `after` for the following page; null at the end. */
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });
export const pageQuery = {
  after: z.string().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
};

/** A page of a list that is short enough to be counted. */
export const countedPage = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable(), total: z.number() });

/** Search, order and page of a list of things that are configured. `-name` is `name` backwards; the first one is the order unless told. */
export const listQuery = <const S extends string>(...sorts: readonly [S, ...S[]]) => ({
  ...pageQuery,
  /** `next` of the page before; it holds what that page was sorted by. */
  after: z.string().max(4096).optional(),
  /** Found anywhere in what a row shows, whatever the case. */
  text: z.string().max(200).optional(),
  sort: z.enum(sorts.flatMap((name): (S | `-${S}`)[] => [name, `-${name}`])).default(
    // one of its own values, which the type of a mapped enum cannot tell
    sorts[0] as never,
  ),
});

/**
 * Counts the changes of a row. An edit that sends the version it was made from is refused with `conflict` when somebody
 * else was faster.
 */
export const version = z.number().int().nonnegative();

/** An answer with nothing to say. */
export const nothing = z.object({});

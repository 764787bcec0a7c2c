import { z } from 'zod';
import { action, errorCode, protocol, time } from './common.ts';
import { typedInput } from './connections.ts';

/**
 * What goes over the WebSockets. Text frames are these messages as JSON, binary frames the bytes of the terminal, both
 * ways. A connection is made by who is signed in (cookie, or bearer token), from a page of the bastion's own origin.
 */
const side = z.number().int().min(1).max(1024);
const size = { cols: side, rows: side };
const bytes = z.number().int().nonnegative();

/** From the page to /ws/terminal. The first one is `hello` or `resume`. */
export const terminalInput = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    ticket: z.string().min(1).max(256),
    ...size,
    term: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .default('xterm-256color'),
    input: typedInput.optional(),
  }),
  /** After a cut: the token of the last `ready`, and how many bytes of output have arrived in all. */
  z.strictObject({ type: z.literal('resume'), token: z.string().min(1).max(256), received: bytes, ...size }),
  z.strictObject({ type: z.literal('resize'), ...size }),
  /** So many bytes of output, counted from the beginning, have been drawn. */
  z.strictObject({ type: z.literal('ack'), received: bytes }),
  /** Answered with the same number: for the latency. */
  z.strictObject({ type: z.literal('ping'), id: z.number().int() }),
  /** The tab closes: the session ends without waiting for anybody to come back. */
  z.strictObject({ type: z.literal('close') }),
]);
export type TerminalInput = z.input<typeof terminalInput>;

const ended = z.object({
  type: z.literal('ended'),
  cause: z.string(),
  detail: z.string().nullable(),
  /** The sentence for the person, null when the program simply ended. */
  text: z.string().nullable(),
  exitCode: z.number().nullable(),
  exitSignal: z.string().nullable(),
});

/** Something did not work. Before `ready` nothing was opened; the socket is closed after it. */
const failed = z.object({ type: z.literal('error'), code: errorCode, message: z.string() });

const people = z.object({
  type: z.literal('people'),
  people: z.array(z.object({ name: z.string(), typing: z.boolean() })),
});

/** From /ws/terminal to the page. */
export const terminalOutput = z.discriminatedUnion('type', [
  /** On the way to the target: one sentence each. */
  z.object({ type: z.literal('progress'), text: z.string() }),
  z.object({
    type: z.literal('ready'),
    session: z.string(),
    /** For one `resume`; each `ready` brings a new one. */
    resume: z.string(),
    /** How long a lost connection is waited for. */
    graceSeconds: z.number(),
    asset: z.string(),
    account: z.string(),
    protocol,
    actions: z.array(action),
    /** Bytes of input that have arrived in all: the page sends again what comes after. */
    received: bytes,
    startedAt: time,
    idleSeconds: z.number(),
    maxSeconds: z.number(),
    /** When the permission ends by date. */
    until: time.nullable(),
  }),
  z.object({ type: z.literal('ack'), received: bytes }),
  z.object({ type: z.literal('pong'), id: z.number() }),
  /** What the permission allows has changed. */
  z.object({ type: z.literal('actions'), actions: z.array(action) }),
  z.object({ type: z.literal('locked'), by: z.string().nullable() }),
  /** The session will end of this cause in so many seconds, unless something is typed (idle). 0 takes the warning back. */
  z.object({
    type: z.literal('warning'),
    cause: z.enum(['idle', 'max-time', 'expired', 'shutdown']),
    seconds: z.number(),
  }),
  /** Who looks on, and who types along. */
  people,
  ended,
  failed,
]);
export type TerminalOutput = z.output<typeof terminalOutput>;

/** From the page to /ws/watch/ID. The first one is `hello`; binary frames are typed input, taken while joined. */
export const watchInput = z.discriminatedUnion('type', [
  /** `share`: the token of the link by which somebody comes who has no right to watch of their own. */
  z.strictObject({ type: z.literal('hello'), share: z.string().min(1).max(256).optional() }),
  /** Type along; needs the right to join, or a link that allows it. The person at the terminal is told. */
  z.strictObject({ type: z.literal('join') }),
  z.strictObject({ type: z.literal('leave') }),
  /** So many bytes, screens included, have been drawn. Who once says so is never sent more than OUTPUT_WINDOW ahead, but a new screen later. */
  z.strictObject({ type: z.literal('ack'), received: bytes }),
  z.strictObject({ type: z.literal('ping'), id: z.number().int() }),
]);
export type WatchInput = z.input<typeof watchInput>;

/** From /ws/watch/ID to the page; binary frames are output. */
export const watchOutput = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    session: z.string(),
    user: z.string(),
    asset: z.string(),
    account: z.string(),
    startedAt: time,
    /** Whether `join` would be allowed, and `lock` and `end` over the API. */
    mayJoin: z.boolean(),
    mayControl: z.boolean(),
    locked: z.boolean(),
  }),
  /** The next binary frame is the whole screen: the page clears its terminal and takes this size. */
  z.object({ type: z.literal('snapshot'), ...size }),
  z.object({ type: z.literal('resize'), ...size }),
  z.object({ type: z.literal('notice'), text: z.string() }),
  z.object({ type: z.literal('joined'), typing: z.boolean() }),
  z.object({ type: z.literal('locked'), by: z.string().nullable() }),
  people,
  z.object({ type: z.literal('pong'), id: z.number() }),
  ended,
  failed,
]);
export type WatchOutput = z.output<typeof watchOutput>;

import { z } from 'zod';
import { nothing, page, pageQuery, protocol, time } from './common.ts';
import { route } from './route.ts';

export const session = z.object({
  id: z.string(),
  user: z.string(),
  userId: z.string(),
  asset: z.string(),
  assetId: z.string(),
  account: z.string(),
  protocol,
  use: z.enum(['shell', 'exec', 'files', 'forward', 'desktop']),
  /** The command of an exec session, or the name of a subsystem. */
  command: z.string().nullable(),
  /** Where a forwarded connection goes: `host:port` or the path of a socket. */
  destination: z.string().nullable(),
  /** What is known to be at work in it, e.g. `VS Code`. */
  label: z.string().nullable(),
  clientIp: z.string(),
  via: z.enum(['ssh', 'web']),
  permission: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  state: z.enum(['live', 'ended', 'interrupted']),
  /** Whether there is a terminal to watch now: only a live session has one. */
  terminal: z.boolean(),
  /** Whether an administrator locked its input; only a live session is. */
  locked: z.boolean(),
  /** Who looks on or types along now; only a live session has them. */
  people: z.array(z.object({ name: z.string(), typing: z.boolean() })),
  endCause: z.string().nullable(),
  /** Who terminated it, or a technical reason. */
  endDetail: z.string().nullable(),
  exitCode: z.number().nullable(),
  exitSignal: z.string().nullable(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  recording: z.enum(['none', 'spool', 'ready', 'failed', 'removed']),
  recordingBytes: z.number().nullable(),
  recordingSha256: z.string().nullable(),
});
export type SessionView = z.output<typeof session>;

export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** What a watcher receives, one a line. `data` is base64 of the terminal's bytes. */
const watchEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), cols: z.number(), rows: z.number(), data: z.string() }),
  z.object({ kind: z.literal('output'), data: z.string() }),
  z.object({ kind: z.literal('resize'), cols: z.number(), rows: z.number() }),
  z.object({ kind: z.literal('notice'), text: z.string() }),
  z.object({ kind: z.literal('ended'), cause: z.string(), detail: z.string().nullable() }),
]);
export type WatchEvent = z.output<typeof watchEvent>;

const sessionFilter = {
  live: flag.optional(),
  user: z.string().optional(),
  asset: z.string().optional(),
  use: session.shape.use.optional(),
  via: session.shape.via.optional(),
  /** Found in the names of user, asset and account, the address of the client or the command. */
  text: z.string().max(200).optional(),
  /** Began at or after, and before. */
  since: time.optional(),
  until: time.optional(),
};

export const sessions = {
  list: route({
    method: 'GET',
    path: '/sessions',
    needs: 'sessions.read',
    summary: 'List sessions, newest first',
    query: z.strictObject({ ...pageQuery, ...sessionFilter }),
    response: page(session),
  }),
  export: route({
    method: 'GET',
    path: '/sessions/export',
    needs: 'sessions.read',
    summary: 'Every session that the list would show as JSON Lines, newest first; the export is audited',
    query: z.strictObject(sessionFilter),
    response: session,
    stream: 'ndjson',
  }),
  show: route({
    method: 'GET',
    path: '/sessions/:id',
    needs: 'sessions.read',
    summary: 'Show a session',
    response: session,
  }),
  end: route({
    method: 'POST',
    path: '/sessions/:id/end',
    needs: 'sessions.control',
    summary: 'End a live session; the user is told by whom',
    response: nothing,
  }),
  lock: route({
    method: 'POST',
    path: '/sessions/:id/lock',
    needs: 'sessions.control',
    summary: 'Lock the input of a live session',
    response: nothing,
  }),
  unlock: route({
    method: 'POST',
    path: '/sessions/:id/unlock',
    needs: 'sessions.control',
    summary: 'Unlock the input of a live session',
    response: nothing,
  }),
  recording: route({
    method: 'GET',
    path: '/sessions/:id/recording',
    needs: 'recordings.read',
    summary: 'The recording as asciicast v2; the look is audited',
    response: z.string(),
    stream: 'text',
  }),
  recordingIndex: route({
    method: 'GET',
    path: '/sessions/:id/recording/index',
    needs: 'recordings.read',
    summary: 'How a recording is divided into parts that can be read one by one; the look is audited',
    response: z.object({
      cols: z.number(),
      rows: z.number(),
      /** Seconds. */
      duration: z.number(),
      /** Bytes as plain asciicast. */
      bytes: z.number(),
      /** In order. A part holds the events from its `start` (seconds) to that of the next one. */
      parts: z.array(
        z.object({
          start: z.number(),
          bytes: z.number(),
          /** The part can begin with the screen as it stood then. Without one, what stands there is known by playing the parts before. */
          screen: z.boolean(),
        }),
      ),
    }),
  }),
  recordingPart: route({
    method: 'GET',
    path: '/sessions/:id/recording/parts/:part',
    needs: 'recordings.read',
    summary: 'The events of one part (0 is the first) as asciicast v2 lines, without the header',
    query: z.strictObject({
      /** Before its events, the size and the screen as they stood, where they were kept. */
      screen: flag.optional(),
    }),
    response: z.string(),
    stream: 'text',
  }),
  watch: route({
    method: 'GET',
    path: '/sessions/:id/watch',
    needs: 'sessions.watch',
    summary: 'Watch a live terminal session: the current screen, then everything that happens; the look is audited',
    response: watchEvent,
    stream: 'ndjson',
  }),
};

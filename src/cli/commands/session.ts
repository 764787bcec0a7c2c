import type { Command } from 'commander';
import type { SessionView } from '../../api/contract/sessions.ts';
import { AppError } from '../../kernel/errors.ts';
import { exportText } from '../export.ts';
import type { Column } from '../output/table.ts';
import { clean } from '../output/text.ts';
import { bothTimes, byteSize, clockTime, minuteOf } from '../output/time.ts';
import { numberOption, oneOf, past, wholeNumber } from '../parse.ts';
import { CastFile } from '../player/cast.ts';
import { playPlain } from '../player/play-plain.ts';
import { replaySession } from '../player/replay.ts';
import { watchSession } from '../player/watch.ts';
import type { Declare } from '../program.ts';
import { collect, findSession, shortId } from '../sessions.ts';
import { auditCommands } from './audit.ts';
import { searchCommand } from './session-search.ts';

const ID = 'id, or a beginning or end of it that only one has';
/** So many commands and transfers of a session are counted where it is shown. */
const COUNTED = 1000;

const USES = ['shell', 'exec', 'files', 'forward', 'desktop'] as const;
const DOORS = ['ssh', 'web'] as const;

interface ListOptions {
  live?: boolean;
  user?: string;
  asset?: string;
  use?: (typeof USES)[number];
  via?: (typeof DOORS)[number];
  text?: string;
  since?: string;
  until?: string;
  limit: number;
}

export function sessionCommands(program: Command, declare: Declare): void {
  const { io, action } = declare;
  const session = program
    .command('session')
    .summary('recorded uses of assets')
    .description('Recorded uses of assets.')
    .helpCommand(false);

  session
    .command('list')
    .summary('list sessions, newest first')
    .option('--live', 'only those that run now')
    .option('--user <user>', 'only of this user')
    .option('--asset <asset>', 'only on this asset')
    .option('--use <use>', `only of this use: ${USES.join(', ')}`, oneOf(USES))
    .option('--via <door>', 'only through this door: ssh, web', oneOf(DOORS))
    .option('--text <text>', 'only with this text in user, asset, account, address or command')
    .option('--since <date>', 'began not before: 2026-12-31, 2026-12-31T18:00, or 7d, 12h back', past('from', io))
    .option('--until <date>', 'began before', past('until', io))
    .option('--limit <number>', 'at most so many', wholeNumber(1), 50)
    .action(
      action(async (run, options: ListOptions) => {
        const client = await run.client();
        const { limit, ...filter } = options;
        const found = await collect((page) => client.sessions.list({ ...filter, ...page }), limit);
        const empty = options.live ? 'No session runs now.' : 'No session yet. Open one: ssh -p 2222 USER@ASSET@HOST';
        run.list(found, columns(io.now(), io.stdout.isTTY === true), empty);
      }),
    );

  session
    .command('show')
    .argument('<id>', ID)
    .summary('show a session')
    .action(
      action(async (run, _options, id: string) => {
        const client = await run.client();
        const found = await findSession(client, id);
        const these = { session: found.id, limit: COUNTED };
        const [commands, transfers] = await Promise.all([client.commands.list(these), client.transfers.list(these)]);
        const counted = (name: string, { items, next }: { items: readonly unknown[]; next: string | null }) => {
          if (items.length === 0) return '0';
          const count = next === null ? String(items.length) : `more than ${COUNTED}`;
          return `${count}: ${run.commandLine(`${name} list --session ${shortId(found.id)}`)}`;
        };
        run.details(found, [
          ...pairs(found, io.now()),
          ['commands', counted('command', commands)],
          ['transfers', transfers.items.length === 0 && found.use !== 'files' ? '' : counted('transfer', transfers)],
        ]);
      }),
    );

  session
    .command('watch')
    .argument('<id>', ID)
    .summary('watch a live session; q leaves')
    .action(
      action(async (run, _options, id: string) => {
        if (!io.stdout.isTTY)
          throw new AppError(
            'usage',
            'Watching needs a terminal. For a file use "bastion session export ID --to FILE" when the session has ended.',
          );
        const client = await run.daemon();
        const found = await findSession(client, id, 'live');
        const abort = new AbortController();
        const events = client.sessions.watch({ id: found.id }, { signal: abort.signal });
        const end = await watchSession(io, events, { title: title(found), stop: () => abort.abort() });
        const told =
          end.kind === 'left' ? 'goes on' : `has ended: ${[end.cause, end.detail].filter(Boolean).join(', ')}`;
        io.stdout.write(`${clean(`Session ${shortId(found.id)} (${title(found)}) ${told}.`)}\n`);
      }),
    );

  for (const [verb, summary, done] of [
    ['end', 'end a live session; the user is told by whom', 'ended'],
    ['lock', 'lock the input of a live session', 'locked'],
    ['unlock', 'unlock the input of a live session', 'unlocked'],
  ] as const) {
    session
      .command(verb)
      .argument('<id>', ID)
      .summary(summary)
      .action(
        action(async (run, _options, id: string) => {
          const client = await run.daemon();
          const found = await findSession(client, id, 'live');
          const answer = await client.sessions[verb]({ id: found.id });
          run.done({ id: found.id, ...answer }, `Session ${shortId(found.id)} (${title(found)}) is ${done}.`);
        }),
      );
  }

  session
    .command('replay')
    .argument('<id>', ID)
    .summary('play a recording in the terminal')
    .description(
      'Play a recording in the terminal. Keys: space pause, . step, arrows left and right 5 s back and on, + and - speed, q quit.',
    )
    .option(
      '--speed <factor>',
      'times faster than it happened; 0 or max: at once',
      numberOption('speed', { max: 0 }),
      1,
    )
    .option('--idle-limit <seconds>', 'shorten pauses to this', numberOption('idle limit'))
    .option('--at <seconds>', 'begin here', numberOption('time'), 0)
    .action(
      action(async (run, options: { speed: number; idleLimit?: number; at: number }, id: string) => {
        const client = await run.client();
        const found = await findSession(client, id);
        const play = {
          speed: options.speed === 0 ? Number.POSITIVE_INFINITY : options.speed,
          idleLimit: options.idleLimit ?? Number.POSITIVE_INFINITY,
          at: options.at,
        };
        const abort = new AbortController();
        const source = encode(client.sessions.recording({ id: found.id }, { signal: abort.signal }));
        try {
          if (!io.stdout.isTTY) return await playPlain(io, source, play);
          const cast = await CastFile.load(source);
          try {
            const last = await replaySession(io, cast, { ...play, title: title(found) });
            if (last)
              io.stdout.write(
                `${[...last, `End of session ${shortId(found.id)} (${clean(title(found))}), ${clockTime(cast.duration * 1000)}.`].join('\n')}\n`,
              );
          } finally {
            await cast.close();
          }
        } finally {
          abort.abort();
        }
      }),
    );

  session
    .command('export')
    .argument('<id>', ID)
    .requiredOption('--to <file>', 'where to write it, "-" for standard output')
    .summary('write a recording as an asciinema .cast file')
    .action(
      action(async (run, options: { to: string }, id: string) => {
        const client = await run.client();
        const found = await findSession(client, id);
        const { to } = options;
        const bytes = await exportText(io, to, (stop) => client.sessions.recording({ id: found.id }, stop));
        if (to !== '-')
          run.done(
            { id: found.id, file: to, bytes },
            `${to}: ${byteSize(bytes)}. Play it with asciinema, or here: bastion session replay ${shortId(found.id)}`,
          );
      }),
    );

  searchCommand(session, declare);
  auditCommands(program, declare);
}

async function* encode(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text, 'utf8');
}

const title = (row: SessionView) => `${row.user} as ${row.account} on ${row.asset}`;

function state(row: SessionView): string {
  return row.state === 'live' && row.locked ? 'live, locked' : row.state;
}

/** How it stands, or in a word how it ended: `live`, `exit 0`, `idle`, `terminated by carol`, … */
function outcome(row: SessionView): string {
  if (row.state === 'live') return state(row);
  if (row.endCause === 'terminated' && row.endDetail) return `terminated by ${row.endDetail}`;
  if (row.endCause === 'client-closed') return row.use === 'forward' ? 'closed' : 'left';
  if (row.endCause !== 'target-closed') return row.endCause ?? row.state;
  if (row.endDetail) return 'connection lost';
  return row.exitCode === null ? exit(row) || 'closed' : `exit ${row.exitCode}`;
}

function columns(now: number, short: boolean): Column<SessionView>[] {
  return [
    { title: 'ID', value: (row) => (short ? shortId(row.id) : row.id) },
    { title: 'USER', value: (row) => row.user, flexible: true },
    { title: 'ASSET', value: (row) => row.asset, flexible: true },
    { title: 'ACCOUNT', value: (row) => row.account, flexible: true },
    { title: 'USE', value: (row) => (row.use === 'shell' ? row.protocol : row.use) },
    { title: 'FROM', value: (row) => row.clientIp, optional: 'first' },
    {
      title: 'STARTED',
      value: (row) => (short ? minuteOf(row.startedAt, now) : bothTimes(row.startedAt, now)),
    },
    { title: 'LENGTH', value: (row) => length(row, now), align: 'right' },
    { title: 'STATE', value: outcome, flexible: true },
    { title: 'COMMAND', value: what, flexible: true, least: 10, optional: true },
  ];
}

/** What it ran or reached, and what that is when it is known: `to db1:5432 (VS Code)`. */
function what({ command, destination, label }: SessionView): string {
  const done = destination === null ? (command ?? '') : `to ${destination}`;
  return label === null ? done : `${done} (${label})`.trimStart();
}

function length(row: SessionView, now: number): string {
  return clockTime((row.endedAt === null ? now : Date.parse(row.endedAt)) - Date.parse(row.startedAt));
}

function exit(row: SessionView): string {
  if (row.exitSignal !== null) return `signal ${row.exitSignal}`;
  return row.exitCode === null ? '' : String(row.exitCode);
}

function pairs(row: SessionView, now: number): [string, string][] {
  return [
    ['id', row.id],
    ['state', state(row)],
    ['user', row.user],
    ['asset', row.asset],
    ['account', row.account],
    ['protocol', row.protocol],
    ['use', row.use],
    ['command', row.command ?? ''],
    ['destination', row.destination ?? ''],
    ['label', row.label ?? ''],
    ['from', `${row.clientIp} (${row.via})`],
    ['permission', row.permission],
    ['started', bothTimes(row.startedAt, now)],
    ['ended', bothTimes(row.endedAt, now)],
    ['length', length(row, now)],
    ['why it ended', row.endCause === null ? '' : [row.endCause, row.endDetail].filter(Boolean).join(', ')],
    ['exit', exit(row)],
    ['input', byteSize(row.bytesIn)],
    ['output', byteSize(row.bytesOut)],
    ['recording', row.recordingBytes === null ? row.recording : `${row.recording}, ${byteSize(row.recordingBytes)}`],
    ['sha256', row.recordingSha256 ?? ''],
  ];
}

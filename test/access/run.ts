import { DRIVERS } from './channels.ts';
import { MAKERS, type Person } from './credentials.ts';
import { type Door, doorsOf, type SshEntry } from './entries.ts';
import { type LiveUse, openLive } from './live.ts';
import { menuLive, menuShell } from './menu.ts';
import { type Cell, CHANNELS, CREDENTIALS, type Entry, expected, LIVE_STATES, nameOf, type State } from './model.ts';
import { type Outcome, type Scratch, startSftp } from './outcome.ts';
import { checkRecords, type Visited } from './records.ts';
import { Sftp } from './sftp-client.ts';
import { OPERATIONS } from './sftp-operations.ts';
import { browserWay } from './web.ts';
import type { Place, World } from './world.ts';

const PEOPLE_AT_ONCE = 4;
const CELLS_AT_ONCE = 6;

/** How the cells of an entry are run for a person who has got in. */
export interface Way {
  /** Rejects when this asset is not to be had. */
  open(place: Place): Promise<Opened>;
  close(): void;
}
export interface Opened {
  /** Whose name stands in the rows. */
  readonly user: string;
  drive(cell: Cell, scratch: Scratch): Promise<Outcome>;
  /** Does the same and keeps it; an outcome when it was refused. */
  begin(cell: Cell, scratch: Scratch): Promise<LiveUse | Outcome>;
  close(): void;
}

/** What is wrong with each cell, by its name; undefined when it came out as the model says. */
export type Results = Map<string, string | undefined>;

/** Does the work for all, so many at a time. */
export async function pooled<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const rest = all[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: Math.min(atOnce, all.length) }, async () => {
      for (const one of rest) await work(one);
    }),
  );
}

let tokens = 0;
function scratchOf(world: World): Scratch {
  const token = `token-${++tokens}-`;
  return { token, dir: world.witness.folder(token), witness: world.witness };
}

async function bounded<T>({ patienceMs }: World, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), patienceMs);
  });
  return Promise.race([work, hang]).finally(() => clearTimeout(timer));
}

/** Runs all cells of one entry. */
export async function runEntry(world: World, entry: Entry, cells: readonly Cell[]): Promise<Results> {
  const results: Results = new Map();
  await world.renew();
  const note = (cell: Cell, problem: string | undefined) => results.set(nameOf(cell), problem);
  const pending: Pending[] = [];
  const visits: Visited[] = [];
  const closers: (() => void)[] = [];
  const people = Map.groupBy(cells, ({ credential }) => credential);
  await pooled([...people], PEOPLE_AT_ONCE, async ([credential, own]) => {
    try {
      const name = `${entry} ${credential}`.replaceAll(' ', '-');
      const books = { note, pending, visits };
      if (entry === 'web ticket' || entry === 'kept ticket') {
        closers.push(await runPerson(world, await browserWay(world, entry, credential, name), own, books));
        return;
      }
      const person = await MAKERS[credential](world, name);
      if (!CREDENTIALS[credential].getsIn) {
        for (const cell of own) note(cell, await staysOut(person));
        return;
      }
      closers.push(await runPerson(world, sshWay(world, entry, person), own, books));
    } catch (error) {
      for (const cell of own) if (!results.has(nameOf(cell))) note(cell, `${(error as Error).stack}`);
    }
  });
  await Promise.all(LIVE_STATES.map((state) => endAll(world, state, pending, note)));
  for (const close of closers) close();
  await checkRecords(world, visits, results);
  return results;
}

async function staysOut(person: Person): Promise<string | undefined> {
  try {
    const { client } = await person.login();
    client.destroy();
    return 'logged in';
  } catch {
    return undefined;
  }
}

interface Pending {
  readonly cell: Cell;
  readonly use: LiveUse;
}
type Note = (cell: Cell, problem: string | undefined) => void;
interface Books {
  readonly note: Note;
  readonly pending: Pending[];
  readonly visits: Visited[];
}

function sshWay(world: World, entry: SshEntry, person: Person): Way {
  const other = (whose: 'theirs' | 'not theirs') =>
    world.place(whose === 'theirs' ? 'everything allowed' : 'not named');
  const doors = doorsOf(entry, person, other);
  return {
    async open(place) {
      const door = await doors.open(place);
      return {
        user: door.user,
        drive: (cell, scratch) => drive(door, cell, scratch),
        begin: (cell, scratch) => begin(door, cell, scratch),
        close: () => door.close(),
      };
    },
    close: () => doors.close(),
  };
}

async function runPerson(
  world: World,
  way: Way,
  cells: readonly Cell[],
  { note, pending, visits }: Books,
): Promise<() => void> {
  const states = Map.groupBy(cells, ({ state }) => state);
  const open: Opened[] = [];
  const attempt = async (door: Opened | Error, cell: Cell, live: boolean): Promise<LiveUse | Outcome> => {
    if (door instanceof Error) return { effect: false, refusal: door.message };
    return live ? door.begin(cell, scratchOf(world)) : door.drive(cell, scratchOf(world));
  };
  for (const [state, own] of states) {
    const place = world.place(state);
    const live = LIVE_STATES.includes(state);
    const door = await bounded(world, way.open(place)).catch((error: Error) => error);
    await pooled(own, CELLS_AT_ONCE, async (cell) => {
      const outcome = await bounded(world, attempt(door, cell, live)).catch(
        (error: Error): Outcome => ({ effect: false, seen: error.stack ?? error.message }),
      );
      if ('over' in outcome) pending.push({ cell, use: outcome });
      else note(cell, compare(cell, outcome));
    });
    if (door instanceof Error) continue;
    visits.push({ user: door.user, place: place.name, state, cells: own });
    if (live) open.push(door);
    else door.close();
  }
  return () => {
    for (const door of open) door.close();
    way.close();
  };
}

function drive(door: Door, { entry, channel, credential }: Cell, scratch: Scratch): Promise<Outcome> {
  if (entry === 'menu') return menuShell(door, scratch);
  if (CHANNELS[channel].kind === 'sftp' && !channel.startsWith('exec'))
    return sftp(door, channel as keyof typeof OPERATIONS, scratch);
  const restricted: readonly string[] = CREDENTIALS[credential].restrictions;
  const kind = CHANNELS[channel].kind;
  if (restricted.includes('sftp only') && (kind === 'command' || kind === 'terminal'))
    return sftpInstead(door, channel, scratch);
  return DRIVERS[channel as keyof typeof DRIVERS](door, scratch);
}

function begin(door: Door, { entry, channel }: Cell, scratch: Scratch): Promise<LiveUse | Outcome> {
  return entry === 'menu' ? menuLive(door) : openLive(channel, door, scratch);
}

async function sftp(door: Door, channel: keyof typeof OPERATIONS, scratch: Scratch): Promise<Outcome> {
  const started = await door.sftp();
  return started instanceof Sftp ? OPERATIONS[channel](started, door.at, scratch) : started;
}

/** Whatever is asked for, an SFTP server answers. */
async function sftpInstead(door: Door, channel: Cell['channel'], scratch: Scratch): Promise<Outcome> {
  const { client } = door;
  if (CHANNELS[channel].kind === 'terminal') {
    // no SFTP client asks for one, and what is typed are no packets
    const outcome = await DRIVERS[channel as 'shell'](door, scratch);
    const toldSo = /SFTP protocol/.test(outcome.refusal ?? '');
    return { ...outcome, refusal: toldSo ? undefined : outcome.refusal, forced: !outcome.effect };
  }
  const started = await startSftp((callback) => {
    if (channel === 'shell without a terminal') client.shell(false, callback);
    else if (channel === 'another subsystem') client.subsys('witness', callback);
    else client.exec('id', callback);
  });
  if (!(started instanceof Sftp)) return started;
  started.channel.end();
  await started.closed;
  return { effect: false, forced: true };
}

function compare(cell: Cell, { effect, refusal, forced, seen }: Outcome): string | undefined {
  const actual =
    effect && refusal === undefined
      ? 'done'
      : effect
        ? 'half done'
        : refusal !== undefined
          ? 'refused'
          : forced
            ? 'forced'
            : 'nothing';
  const wanted = expected(cell);
  return actual === wanted ? undefined : `expected ${wanted}, was ${actual}: ${refusal ?? ''} ${seen ?? ''}`;
}

/** Takes the right away from all that is live in this state, and waits for each to be over. */
async function endAll(world: World, state: State, pending: readonly Pending[], note: Note): Promise<void> {
  const own = pending.filter(({ cell }) => cell.state === state);
  if (own.length === 0) return;
  await world.turn(state);
  await Promise.all(
    own.map(async ({ cell, use }) => {
      const problem = await bounded(world, use.over()).then(
        () => undefined,
        (error: Error) => `it did not end: ${error.message}`,
      );
      note(cell, problem);
    }),
  );
}

import { eventually } from '../kit/process.ts';
import { BYPASSES, type Bypass, ENDINGS } from './bypasses.ts';
import { MAKERS, type Person } from './credentials.ts';
import { doorsOf } from './entries.ts';
import { type LiveUse, openLive } from './live.ts';
import type { Channel } from './model.ts';
import type { Scratch } from './outcome.ts';
import type { World } from './world.ts';

/** What is open when something is taken away. */
const LIVE: readonly Channel[] = [
  'shell',
  'exec',
  'sftp stat',
  'scp up',
  'forward to the asset',
  'forward to a socket',
];

let count = 0;
function scratch(world: World): Scratch {
  const token = `side-${++count}-`;
  return { token, dir: world.witness.folder(token), witness: world.witness };
}

const people = new WeakMap<World, Promise<Person>>();
function somebody(world: World): Promise<Person> {
  const known = people.get(world);
  if (known) return known;
  const made = MAKERS['public key'](world, 'somebody');
  people.set(world, made);
  return made;
}

/** What came of a try. */
export async function attempt(world: World, { attempt }: Bypass) {
  return attempt(world, await somebody(world), scratch(world));
}

/** What is wrong when somebody tries this side door; undefined when it is shut. */
export async function attempted(world: World, name: string): Promise<string | undefined> {
  const outcome = await attempt(world, BYPASSES.find((bypass) => bypass.name === name)!);
  return outcome.effect || outcome.refusal === undefined ? JSON.stringify(outcome) : undefined;
}

/** What is wrong when this is taken away from somebody who has everything open; undefined when it all ends. */
export async function ended(world: World, name: string): Promise<string | undefined> {
  const { turn, connection } = ENDINGS.find((ending) => ending.name === name)!;
  const own = name.replaceAll(' ', '-');
  const person = await MAKERS['public key'](world, own);
  const place = await world.addPlace(own);
  const ways = (['direct', 'jump'] as const).map((entry) => doorsOf(entry, person, () => place));
  const idle = await person.login();
  // it may end with an error as well
  const gone = new Promise<void>((resolve) => idle.client.once('close', () => resolve()));
  try {
    const doors = await Promise.all(ways.map((way) => way.open(place)));
    const uses = await Promise.all(
      doors.flatMap((door) =>
        LIVE.map(async (channel) => [channel, await openLive(channel, door, scratch(world))] as const),
      ),
    );
    const shut = uses.filter(([, use]) => !('over' in use));
    if (shut.length > 0) return `not open: ${JSON.stringify(shut)}`;
    await turn(world, own, own);
    const over = Promise.all([...uses.map(([, use]) => (use as LiveUse).over()), ...(connection ? [gone] : [])]);
    const late = await Promise.race([over.then(() => undefined), after(world.patienceMs)]);
    if (late) return 'it goes on';
    await eventually('no session to be left', async () => {
      const { items } = await world.api.sessions.list({ asset: own, live: true });
      return items.length === 0;
    });
    return undefined;
  } finally {
    idle.client.end();
    for (const way of ways) way.close();
  }
}

function after(ms: number): Promise<true> {
  return new Promise((resolve) => setTimeout(() => resolve(true), ms).unref());
}

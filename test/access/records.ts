import type { AuditView } from '../../src/api/contract/audit.ts';
import { eventually } from '../kit/process.ts';
import { type Cell, CHANNELS, type Channel, expected, LIVE_STATES, NO_RIGHT, nameOf, type State } from './model.ts';
import type { World } from './world.ts';

/** Somebody at one asset, with the cells that ran there. */
export interface Visited {
  readonly user: string;
  readonly place: string;
  readonly state: State;
  readonly cells: readonly Cell[];
}

/** Operations whose refusal is a transfer; the recording of the session tells of the others. */
const TRANSFERS: readonly Channel[] = ['sftp read', 'sftp write', 'sftp append', 'sftp read and write'];

/** Adds to the results what the rows do not say: a denial for each refusal, and the cause of each end. */
export async function checkRecords(
  world: World,
  visits: readonly Visited[],
  results: Map<string, string | undefined>,
): Promise<void> {
  const denials = await denialsOf(world);
  for (const visit of visits) {
    const { user, place, state, cells } = visit;
    const say = (cell: Cell, problem: string) => results.set(nameOf(cell), results.get(nameOf(cell)) ?? problem);
    const denied = cells.filter(mustBeAudited);
    const found = denials.filter(({ actor, target }) => actor.name === user && isAt(target, place)).length;
    if (found < denied.length && denied[0])
      say(denied[0], `${denied.length} refusals of ${user} at ${place}, and ${found} of them in the audit`);
    const ended = cells.filter((cell) => LIVE_STATES.includes(state) && expected(cell) === 'ended');
    if (ended[0]) {
      // an end by date that is looked at when it is past is one that somebody changed
      const causes = state === 'ends meanwhile' ? ['expired', 'revoked'] : ['revoked'];
      // the client sees the end before the row has it
      const items = await eventually(`the sessions of ${user} at ${place} to be written`, async () => {
        const page = await world.api.sessions.list({ user, asset: place, limit: 100 });
        return page.items.every(({ state }) => state === 'ended') ? page.items : undefined;
      });
      const others = items
        .filter(({ endCause }) => !causes.includes(endCause ?? ''))
        .map(({ use, command, endCause }) => `${use} ${command ?? ''}: ${endCause}`);
      if (items.length === 0 || others.length > 0)
        say(ended[0], `${items.length} sessions of ${user} at ${place} ended otherwise: ${others.join(', ')}`);
    }
    if (!NO_RIGHT.includes(state) || !cells[0]) continue;
    const { address } = world.place(state);
    if (world.reached(address)) say(cells[0], `the target was reached at ${address}`);
  }
}

/** A refusal for want of a right: an entry of its own for each channel, and for each file that was not opened. */
function mustBeAudited(cell: Cell): boolean {
  const { kind, never }: { kind: string; never?: true } = CHANNELS[cell.channel];
  if (never || expected(cell) !== 'refused' || expected({ ...cell, state: 'everything allowed' }) === 'refused')
    return false;
  if (cell.entry === 'menu') return false; // the list does not show it, so that nothing is asked
  if (kind !== 'sftp') return true;
  return TRANSFERS.includes(cell.channel) && cell.state.startsWith('without') && cell.state !== 'without connect';
}

/** Assets stand by their name, sessions as `login@asset`. */
function isAt(target: AuditView['target'], place: string): boolean {
  return target !== null && (target.name === place || target.name.endsWith(`@${place}`));
}

async function denialsOf({ api }: World): Promise<AuditView[]> {
  const rows: AuditView[] = [];
  let after: string | null | undefined;
  do {
    const page = await api.audit.list({ outcome: 'denied', limit: 1000, ...(after ? { after } : {}) });
    rows.push(...page.items);
    after = page.next;
  } while (after);
  return rows;
}

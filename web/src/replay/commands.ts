import { useQuery } from '@tanstack/react-query';
import type { CommandView } from '../../../src/api/contract/commands.ts';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/me.ts';

const PAGE = 1000;
/** More commands than anybody looks through by hand. */
const MOST = 10_000;

export interface Commands {
  /** In the order they were typed. */
  readonly rows: readonly CommandView[];
  readonly loading: boolean;
  readonly error: unknown;
  /** The role of who looks shows none. */
  readonly hidden: boolean;
  /** There are more than are loaded. */
  readonly cut: boolean;
}

/** The commands of a session. */
export function useCommands(session: string): Commands {
  const may = useMay()('audit.read');
  const { data, error, isPending } = useQuery({
    queryKey: ['commands', 'of', session],
    queryFn: () => all(session),
    enabled: may,
    staleTime: 60_000,
  });
  return {
    rows: data?.rows ?? [],
    loading: may && isPending,
    error: data ? undefined : error,
    hidden: !may,
    cut: data?.cut ?? false,
  };
}

async function all(session: string): Promise<{ rows: CommandView[]; cut: boolean }> {
  const rows: CommandView[] = [];
  let after: string | undefined;
  do {
    const page = await api.commands.list({ session, limit: PAGE, ...(after !== undefined && { after }) });
    rows.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined && rows.length < MOST);
  // the list has the newest first
  return { rows: rows.reverse(), cut: after !== undefined };
}

/** Which command was the last one at this moment; -1 before the first. */
export function commandAt(rows: readonly CommandView[], seconds: number): number {
  let low = -1;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]!.seconds <= seconds) low = middle;
    else high = middle - 1;
  }
  return low;
}

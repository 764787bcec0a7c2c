interface Placed {
  readonly id: string;
  readonly priority: number;
}

/** Priorities are 1 to this. */
const LAST = 100;

/**
 * What has to change so that `id` stands at place `to` of a list ordered by priority: often only itself, all of them
 * when there is no room between its new neighbours. Undefined when there are more filters than priorities.
 */
export function moved(list: readonly Placed[], id: string, to: number): Placed[] | undefined {
  const rest = list.filter((one) => one.id !== id);
  const one = list.find((item) => item.id === id);
  if (!one) return [];
  const order = [...rest.slice(0, to), one, ...rest.slice(to)];
  if (order.every((item, i) => item === list[i])) return [];
  const before = order[to - 1]?.priority ?? 0;
  const after = order[to + 1]?.priority ?? LAST + 1;
  if (after - before > 1) return [{ id, priority: Math.floor((before + after) / 2) }];
  if (order.length > LAST) return undefined;
  return order
    .map((item, i) => ({ id: item.id, priority: Math.floor(((i + 0.5) * LAST) / order.length) + 1 }))
    .filter((item) => list.find(({ id: other }) => other === item.id)?.priority !== item.priority);
}

import { expect, test } from 'vitest';
import { moved } from '../../web/src/admin/filters/order.ts';
import { Seeded } from '../kit/seeded.ts';

const list = (...priorities: number[]) => priorities.map((priority, i) => ({ id: String(i), priority }));

test('a filter that finds room between its new neighbours is the only one that changes', () => {
  expect(moved(list(10, 20, 50), '2', 0)).toEqual([{ id: '2', priority: 5 }]);
  expect(moved(list(10, 20, 50), '0', 1)).toEqual([{ id: '0', priority: 35 }]);
  expect(moved(list(10, 20, 50), '0', 2)).toEqual([{ id: '0', priority: 75 }]);
});

test('one that stays where it is changes nothing', () => {
  expect(moved(list(10, 20, 50), '1', 1)).toEqual([]);
  expect(moved(list(10), 'gone', 0)).toEqual([]);
});

test('where there is no room, all get priorities of their own, whatever they were', () => {
  const chance = new Seeded(3);
  for (let round = 0; round < 500; round++) {
    const before = list(
      ...Array.from({ length: 2 + chance.below(99) }, () => 1 + chance.below(100)).sort((a, b) => a - b),
    );
    const id = String(chance.below(before.length));
    const to = chance.below(before.length);
    const changes = new Map(moved(before, id, to)!.map((change) => [change.id, change.priority]));
    const after = before.map((one) => ({ id: one.id, priority: changes.get(one.id) ?? one.priority }));
    expect(after.every(({ priority }) => priority >= 1 && priority <= 100)).toBe(true);
    if (changes.size === 0) continue;
    const wanted = before.filter((one) => one.id !== id).map((one) => one.id);
    wanted.splice(to, 0, id);
    // it stands strictly between its neighbours; when all were given new ones, the whole order is strict
    const priorityOf = (name: string) => after.find((one) => one.id === name)!.priority;
    const places = changes.size > 1 ? wanted.keys() : [to];
    for (const place of places) {
      if (place > 0) expect(priorityOf(wanted[place - 1]!)).toBeLessThan(priorityOf(wanted[place]!));
      if (place < wanted.length - 1) expect(priorityOf(wanted[place]!)).toBeLessThan(priorityOf(wanted[place + 1]!));
    }
  }
});

test('more filters than priorities cannot all have a place', () => {
  expect(moved(list(...Array.from({ length: 101 }, () => 50)), '0', 50)).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { countedPage, type Listing } from '../../src/api/handlers/paging.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly at: number | null;
}
const row = (name: string, at: number | null = 0, id = name): Row => ({ id, name, at });
const LISTING: Listing<Row, 'name' | 'at'> = {
  id: ({ id }) => id,
  texts: ({ name }) => [name, null],
  order: { name: ({ name }) => [name], at: ({ at }) => [at ?? 0] },
};
type Query = Parameters<typeof countedPage<Row, 'name' | 'at'>>[1];
const page = (rows: readonly Row[], query: Partial<Query> = {}) =>
  countedPage(rows, { sort: 'name', limit: 100, ...query }, LISTING);
const names = ({ items }: { items: readonly Row[] }) => items.map(({ name }) => name);

/** Every name of a list read page by page; `between` may change the rows after each. */
function walk(rows: Row[], query: Partial<Query>, between: (page: number) => void = () => {}): string[] {
  const found: string[] = [];
  for (let after: string | undefined, number = 1; ; number++) {
    const got = page(rows, { ...query, after });
    found.push(...names(got));
    if (got.next === null) return found;
    after = got.next;
    between(number);
  }
}

describe('a page of a list', () => {
  const rows = ['web10', 'Web2', 'db1', 'web1'].map((name) => row(name));

  it('is in the order a person looks for names, or backwards', () => {
    expect(names(page(rows))).toEqual(['db1', 'web1', 'Web2', 'web10']);
    expect(names(page(rows, { sort: '-name' }))).toEqual(['web10', 'Web2', 'web1', 'db1']);
  });

  it('finds text whatever the case, and counts what it found on all pages', () => {
    expect(page(rows, { text: ' WEB', limit: 2 })).toMatchObject({
      items: [{ name: 'web1' }, { name: 'Web2' }],
      total: 3,
    });
    expect(page(rows, { text: 'nothing' })).toEqual({ items: [], next: null, total: 0 });
    expect(page(rows, { text: '  ' }).total).toBe(4);
  });

  it.each(['name', '-name', 'at', '-at'] as const)('shows every row once by %s, many of them alike', (sort) => {
    const many = Array.from({ length: 57 }, (_, i) => row(`same${i % 3}`, i % 5, `id${i}`));
    for (const limit of [1, 2, 7, 56, 57, 58]) {
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const got = page(many, { sort, limit, after });
        found.push(...got.items.map(({ id }) => id));
        expect(got.total).toBe(57);
        if (got.next === null) break;
        after = got.next;
      }
      expect(new Set(found).size).toBe(57);
      expect(found).toHaveLength(57);
    }
  });

  it('goes on at the same place when the last row was removed, another one renamed and one came', () => {
    const changing = Array.from({ length: 9 }, (_, i) => row(`n${i}`));
    const found = walk(changing, { limit: 3 }, (number) => {
      if (number !== 1) return;
      changing.splice(2, 1);
      changing[changing.findIndex(({ id }) => id === 'n0')] = row('n77', 0, 'n0');
      changing.push(row('n1x'), row('n4x'));
    });
    // n0 comes again under its new name, n1x came where the walk has been; nothing else is missing or twice
    expect(found).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n4x', 'n5', 'n6', 'n7', 'n8', 'n77']);
  });

  it('holds a place in any writing, and refuses one that is none', () => {
    const places = ['/产线/数据库', '/a'.repeat(250), 'é', '"\\'].map((name) => row(name));
    expect(walk(places, { limit: 1 }).sort()).toEqual(places.map(({ name }) => name).sort());
    const { next } = page(rows, { limit: 1 });
    const refused = { code: 'invalid', message: expect.stringContaining('after') };
    for (const after of [
      '',
      'web1',
      Buffer.from('{}').toString('base64url'),
      Buffer.from('["name"]').toString('base64'),
    ])
      expect(() => page(rows, { after })).toThrowError(expect.objectContaining(refused));
    expect(() => page(rows, { after: next!, sort: '-name' })).toThrowError(expect.objectContaining(refused));
  });
});

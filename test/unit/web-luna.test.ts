import { describe, expect, it } from 'vitest';
import type { ReachableView } from '../../src/api/contract/me.ts';
import { PALETTES, paletteOf } from '../../web/src/luna/palettes.ts';
import {
  insertAt,
  leaf,
  neighbourOf,
  type PaneNode,
  panesOf,
  placePanes,
  removePane,
  setRatio,
} from '../../web/src/luna/pane-tree.ts';
import { asTyped, fillIn, variablesOf } from '../../web/src/luna/quick-text.ts';
import { foundRows, listedRows, type TreeRow, treeRows } from '../../web/src/luna/tree-rows.ts';

function asset(name: string, folder: string, fields: Partial<ReachableView> = {}): ReachableView {
  const rest = {
    address: '10.0.0.1',
    platform: 'linux',
    kind: 'host' as const,
    labels: {},
    comment: '',
    protocols: [],
  };
  return { id: `id-${name}`, name, folder, ...rest, ...fields };
}
const texts = (rows: readonly TreeRow[]) =>
  rows.map((row) => `${'  '.repeat(row.depth)}${row.kind === 'folder' ? `${row.name}/ ${row.count}` : row.asset.name}`);

describe('the tree of assets', () => {
  const assets = [asset('web10', '/prod/web'), asset('web9', '/prod/web'), asset('db1', '/prod'), asset('lab', '/')];

  it('has folders first, numbers in their order, and counts what is below', () => {
    expect(texts(treeRows(assets, {}))).toEqual(['prod/ 3', '  web/ 2', '    web9', '    web10', '  db1', 'lab']);
  });

  it('leaves out what is in a closed folder', () => {
    expect(texts(treeRows(assets, { '/prod/web': false }))).toEqual(['prod/ 3', '  web/ 2', '  db1', 'lab']);
    expect(texts(treeRows(assets, { '/prod': false }))).toEqual(['prod/ 3', 'lab']);
  });

  it('begins closed where there is much, and opens what was opened by hand', () => {
    const many = Array.from({ length: 500 }, (_, at) => asset(`h${at}`, `/f${at % 10}`));
    expect(treeRows(many, {})).toHaveLength(10);
    expect(treeRows(many, { '/f3': true })).toHaveLength(60);
  });

  it('finds every word in names, addresses, folders, labels and comments', () => {
    const more = [
      ...assets,
      asset('x1', '/', { labels: { env: 'test' }, comment: 'the printer', address: '10.9.9.9' }),
    ];
    expect(texts(foundRows(more, 'WEB prod'))).toEqual(['web9', 'web10']);
    expect(texts(foundRows(more, 'env=test'))).toEqual(['x1']);
    expect(texts(foundRows(more, 'printer 10.9'))).toEqual(['x1']);
    expect(foundRows(more, 'nothing like that')).toEqual([]);
  });

  it('lists favourites in their order, without those that cannot be reached any more', () => {
    expect(texts(listedRows(assets, ['id-lab', 'id-gone', 'id-db1']))).toEqual(['lab', 'db1']);
  });
});

describe('panes', () => {
  const two = insertAt(leaf('a'), 'a', leaf('b'), 'right', 's1');
  const three = insertAt(two, 'b', leaf('c'), 'bottom', 's2');

  it('share the room', () => {
    const { panes, dividers } = placePanes(setRatio(three, 's1', 0.25));
    expect(Object.fromEntries(panes)).toEqual({
      a: { x: 0, y: 0, w: 0.25, h: 1 },
      b: { x: 0.25, y: 0, w: 0.75, h: 0.5 },
      c: { x: 0.25, y: 0.5, w: 0.75, h: 0.5 },
    });
    expect(dividers.map(({ id, direction }) => [id, direction])).toEqual([
      ['s1', 'row'],
      ['s2', 'column'],
    ]);
  });

  it('come before or after by the edge', () => {
    expect(panesOf(insertAt(leaf('a'), 'a', leaf('b'), 'left', 's'))).toEqual(['b', 'a']);
    expect(panesOf(insertAt(leaf('a'), 'a', leaf('b'), 'bottom', 's'))).toEqual(['a', 'b']);
  });

  it('take the room of one that goes', () => {
    expect(removePane(three, 'b')).toEqual({ ...(two as Extract<PaneNode, { kind: 'split' }>), second: leaf('c') });
    expect(removePane(leaf('a'), 'a')).toBeNull();
  });

  it('never become too small to be found again', () => {
    expect(setRatio(two, 's1', 0)).toMatchObject({ ratio: 0.1 });
    expect(setRatio(two, 's1', 7)).toMatchObject({ ratio: 0.9 });
  });

  it('know who is beside them', () => {
    expect(neighbourOf(three, 'a', 'right')).toBe('b');
    expect(neighbourOf(three, 'c', 'top')).toBe('b');
    expect(neighbourOf(three, 'c', 'left')).toBe('a');
    expect(neighbourOf(three, 'a', 'left')).toBeUndefined();
  });
});

describe('a quick command', () => {
  it('asks for each variable once', () => {
    expect(variablesOf('cp {{from}} {{ to }} && ls {{from}} {{x y}} {{}}')).toEqual(['from', 'to']);
  });

  it('is filled in with what was given, as it is', () => {
    expect(fillIn('echo {{a}} {{b}} {{toString}}', { a: '$& {{b}}', b: '2' })).toBe('echo $& {{b}} 2 {{toString}}');
  });

  it('is typed line by line, with Enter at the end only when it is to run', () => {
    expect(asTyped('ls\npwd\n', true)).toBe('ls\rpwd\r');
    expect(asTyped('ls\r\npwd', false)).toBe('ls\rpwd');
  });
});

describe('palettes', () => {
  it('are whole', () => {
    for (const { id, theme } of PALETTES) {
      expect(Object.keys(theme), id).toHaveLength(21);
      for (const colour of Object.values(theme)) expect(colour, id).toMatch(/^#[0-9a-f]{6}$/);
    }
    expect(new Set(PALETTES.map(({ id }) => id)).size).toBe(PALETTES.length);
  });

  it('follow the page where none is chosen, or it is gone', () => {
    expect(paletteOf('auto', true).dark).toBe(true);
    expect(paletteOf('gone', false).dark).toBe(false);
  });
});

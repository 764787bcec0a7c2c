import { describe, expect, test } from 'vitest';
import { complete, entryOf, exactly, folderTree, search } from '../../src/gateways/ssh/menu/catalogue.ts';
import { layout } from '../../src/gateways/ssh/menu/table.ts';
import { clean, cut, padded, tail, textWidth, wrap } from '../../src/gateways/ssh/menu/width.ts';
import { asset, fleet } from './menu-kit.ts';

describe('width', () => {
  test.each([
    ['plain', 5],
    ['数据库', 6],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['🚀 x', 4],
    ['e\u0301', 1],
    ['', 0],
  ])('%s takes %d columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test('cuts between characters and says so', () => {
    expect(cut('数据库', 6)).toBe('数据库');
    expect(cut('数据库', 5)).toBe('数据…');
    expect(cut('数据库', 4)).toBe('数…');
    expect(cut('abc', 1)).toBe('…');
    expect(cut('abc', 0)).toBe('');
    for (let width = 0; width < 9; width++) expect(textWidth(padded('数a据b🚀', width))).toBe(width);
    expect(tail('数据库', 5)).toBe('据库');
  });

  test('wraps at spaces, and long words where it must', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrap('数据库', 3)).toEqual(['数', '据', '库']);
  });

  test('makes hostile text harmless and of one width', () => {
    expect(clean('\x1b[31mred\r\n\x9b2J\u202e\u200b')).toBe('?[31mred???2J??');
    expect(clean('👨\u200d👩❤\ufe0f👍🏽')).toBe('👨👩❤👍');
    expect(clean(`z${'\u0301'.repeat(50)}`)).toBe('z\u0301\u0301\u0301');
    expect(clean('\ud800x')).toBe('\ufffdx');
  });
});

describe('search', () => {
  const entries = fleet().map(entryOf);
  const names = (text: string) => search(entries, text).map(({ name }) => name);

  test('every word must occur somewhere; names that begin with it come first', () => {
    expect(names('WEB1').slice(0, 3)).toEqual(['web1', 'web10', 'web11']);
    expect(names('front door')).toEqual(['web1']);
    expect(names('prod db')).toEqual(['db1', 'db2', 'db3', 'db4']);
    expect(names('cisco lab2')).toEqual(['lab2']);
    expect(names('nothing')).toEqual([]);
    expect(names('10.0.2.3')).toEqual(['db3']);
  });

  test('one is meant by being alone, by name, or by address', () => {
    const meant = (text: string) => exactly(search(entries, text), text)?.name;
    expect(meant('front')).toBe('web1');
    expect(meant('Web1')).toBe('web1');
    expect(meant('10.0.1.1')).toBe('web1');
    expect(meant('web')).toBeUndefined();
    const twins = [asset('a', { address: '10.0.0.1' }), asset('b', { address: '10.0.0.1' })].map(entryOf);
    expect(exactly(search(twins, '10.0.0.1'), '10.0.0.1')).toBeUndefined();
  });

  test('Tab gives what all names have in common', () => {
    expect(complete(entries, 'w')).toBe('web');
    expect(complete(entries, 'LAB')).toBe('LAB');
    expect(complete(entries, 'db3')).toBe('db3');
    expect(complete(entries, 'zzz')).toBe('zzz');
    expect(complete(entries, '')).toBe('');
  });

  test('folders count what is below them, parents first', () => {
    const places = ['/a-b', '/a/b', '/a', '/a10', '/a2', '/'].map((folder, i) => entryOf(asset(`x${i}`, { folder })));
    expect(folderTree(places).map(({ path, count }) => `${path} ${count}`)).toEqual([
      '/ 6',
      '/a 2',
      '/a/b 1',
      '/a-b 1',
      '/a2 1',
      '/a10 1',
    ]);
  });
});

describe('table', () => {
  const entries = [
    asset('a-rather-long-name-of-a-machine', { address: '10.0.0.1', comment: 'a comment of some length' }),
  ].map(entryOf);
  const columns = (width: number) => layout(entries, width).columns.map(({ key }) => key);

  test('narrow terminals lose the comment, then the platform, then the address', () => {
    expect(columns(120)).toEqual(['name', 'address', 'platform', 'comment']);
    expect(columns(50)).toEqual(['name', 'address', 'platform']);
    expect(columns(39)).toEqual(['name', 'address']);
    expect(columns(20)).toEqual(['name']);
  });

  test('never takes more than there is', () => {
    for (let width = 8; width < 250; width++) {
      const { id, columns } = layout(entries, width);
      expect(1 + id + columns.reduce((sum, column) => sum + 2 + column.width, 0)).toBeLessThanOrEqual(width);
    }
  });
});

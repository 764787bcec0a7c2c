import { describe, expect, test } from 'vitest';
import { bytesOf, locate, tamed, tamedLink, treeOf } from '../../src/gateways/ssh/tree/names.ts';
import { place } from './tree-kit.ts';

const names = (entry: { children: ReadonlyMap<string, unknown> }) => [...entry.children.keys()];

describe('names', () => {
  test('folders stand above their assets, and folders without one are not there', () => {
    const root = treeOf([place('web1'), place('db', ['root', 'app'], '/prod/eu')]);
    expect(names(root)).toEqual(['prod', 'web1']);
    const at = locate(root, '/prod/eu/db');
    expect(at.kind === 'asset' && names(at.entry)).toEqual(['root', 'app']);
  });

  test('an asset named like a folder beside it gains _, and takes nobody else’s name', () => {
    const root = treeOf([place('web'), place('web_'), place('x', ['root'], '/web')]);
    expect(names(root)).toEqual(['web', 'web_', 'web__']);
    expect(locate(root, '/web').kind).toBe('folder');
    const taken = locate(root, '/web__/root');
    expect(taken.kind === 'account' && taken.account.asset.name).toBe('web');
  });

  test('what is no file name becomes one', () => {
    const root = treeOf([place('web1', ['a/b', '..', 'ü', 'a_b'], '/./..')]);
    const folder = locate(root, '/._/.._/web1');
    expect(folder.kind === 'asset' && names(folder.entry).sort()).toEqual(['.._', 'a_b', 'a_b_', bytesOf('ü')]);
  });
});

describe('paths', () => {
  const root = treeOf([place('web1', ['root', 'app']), place('db', ['root'], '/prod')]);
  const inside = (path: string) => {
    const at = locate(root, path);
    return at.kind === 'account' ? [`${at.account.login}@${at.account.asset.name}`, at.inside, at.home] : at.kind;
  };

  test.each([
    ['', 'folder'],
    ['.', 'folder'],
    ['/../..', 'folder'],
    ['web1', 'asset'],
    ['/web1/root', ['root@web1', '', false]],
    ['/web1/root/', ['root@web1', '', false]],
    ['//web1///root//etc/', ['root@web1', '/etc/', false]],
    ['/web1/root/a/b/../c', ['root@web1', '/a/c', false]],
    ['/web1/root/etc/.', ['root@web1', '/etc/', false]],
    ['/web1/root/..', 'asset'],
    ['/web1/root/a/../../app/x', ['app@web1', '/x', false]],
    ['/web1/root/../../prod/db/root/x', ['root@db', '/x', false]],
    ['/web1/root/~', ['root@web1', '', true]],
    ['/web1/root/~/x', ['root@web1', '/x', true]],
    ['/web1/root/~/..', ['root@web1', '', false]],
    ['/web1/root/~~', ['root@web1', '/~~', false]],
    ['/web1/root/\xff', ['root@web1', '/\xff', false]],
    ['/web1/nobody', 'nothing'],
    ['/nothing/at/all', 'nothing'],
  ])('%j', (path, expected) => {
    expect(inside(path)).toEqual(expected);
  });
});

describe('what targets say', () => {
  test.each([
    ['/etc/passwd', '/etc/passwd'],
    ['/etc/../../../x', '/x'],
    ['/a/..', '/'],
    ['/a..b/c', '/a..b/c'],
  ])('path %s', (path, expected) => {
    expect(tamed(path)).toBe(expected);
  });

  test.each([
    ['b', '/d/link', 'b'],
    ['../b', '/d/link', '../b'],
    ['../../b', '/d/link', '../b'],
    ['..', '/link', '.'],
    ['../../../../web2/root/etc', '/link', 'web2/root/etc'],
    ['a/../../../b', '/d/link', '../b'],
    ['./b//c', '/d/link', './b//c'],
    ['a/../b', '/d/link', 'b'],
  ])('link %s at %s', (link, at, expected) => {
    expect(tamedLink(link, at)).toBe(expected);
  });
});

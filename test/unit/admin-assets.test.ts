import { describe, expect, test } from 'vitest';
import { fits } from '../../web/src/admin/assets/carried.ts';
import { parseLogin } from '../../web/src/admin/assets/parse-login.ts';
import { lineFor } from '../../web/src/admin/assets/ssh-line.ts';
import { shownOf, treeOf } from '../../web/src/admin/assets/tree-of.ts';
import { newPassword } from '../../web/src/admin/users/new-password.ts';

describe('a pasted login', () => {
  test.each([
    ['root@10.0.0.5:2222', { login: 'root', address: '10.0.0.5', port: 2222 }],
    ['web1.example.com', { address: 'web1.example.com' }],
    [' deploy@web1 ', { login: 'deploy', address: 'web1' }],
    ['ssh -p 2222 root@web1', { login: 'root', address: 'web1', port: 2222 }],
    ['ssh root@web1 -p2222', { login: 'root', address: 'web1', port: 2222 }],
    ['ssh -i ~/.ssh/id_ed25519 -o StrictHostKeyChecking=no -v root@web1 uptime', { login: 'root', address: 'web1' }],
    ['ssh://root@web1:2222/', { login: 'root', address: 'web1', port: 2222 }],
    ['root@[2001:db8::1]:22', { login: 'root', address: '2001:db8::1', port: 22 }],
    ['2001:db8::1', { address: '2001:db8::1' }],
    // the domain of a login stays with it
    ['user@corp@db1:22', { login: 'user@corp', address: 'db1', port: 22 }],
  ])('%s', (text, expected) => {
    expect(parseLogin(text)).toEqual(expected);
  });

  test.each(['', 'root@', 'web1:0', 'web1:70000', 'https://web1/', 'two words', 'web1:22:x'])('is none: %s', (text) => {
    expect(parseLogin(text)).toBeUndefined();
  });
});

describe('the tree of folders', () => {
  const rows = [
    { path: '/', assets: 1 },
    { path: '/prod', assets: 2 },
    { path: '/prod/web10', assets: 3 },
    { path: '/prod/web9', assets: 4 },
    { path: '/attic', assets: 0 },
  ];
  const { compare } = new Intl.Collator('en', { numeric: true });

  test('counts what is below, in the order people count in', () => {
    const tree = treeOf(rows, compare);
    expect(tree.total).toBe(10);
    expect(tree.children.map(({ name, assets }) => [name, assets])).toEqual([
      ['attic', 0],
      ['prod', 9],
    ]);
    expect(tree.children[1]!.children.map(({ name }) => name)).toEqual(['web9', 'web10']);
  });

  test('shows what is open, level by level', () => {
    const { children } = treeOf(rows, compare);
    expect(shownOf(children, new Set()).map(({ node }) => node.path)).toEqual(['/attic', '/prod']);
    const shown = shownOf(children, new Set(['/prod', '/attic'])).map(({ node, level, open }) => [
      node.path,
      level,
      open,
    ]);
    expect(shown).toEqual([
      ['/attic', 1, false],
      ['/prod', 1, true],
      ['/prod/web9', 2, false],
      ['/prod/web10', 2, false],
    ]);
  });

  test('nothing fits where nothing is carried', () => {
    expect(fits('/prod')).toBe(false);
  });
});

test('the line to an asset is safe to paste, whatever the asset is called', () => {
  expect(lineFor('web1', 'bastion.example', 2222)).toBe('ssh -p 2222 NAME@web1@bastion.example');
  expect(lineFor("a'$(id)", 'h', 22)).toBe("ssh 'NAME@a'\\''$(id)@h'");
});

test('a generated password is long, of plain letters, and never the same', () => {
  const made = new Set(Array.from({ length: 200 }, newPassword));
  expect(made.size).toBe(200);
  for (const password of made) expect(password).toMatch(/^[a-zA-Z2-9]{20}$/);
});

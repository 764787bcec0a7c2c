import { describe, expect, test } from 'vitest';
import { decide } from '../../src/access/decide.ts';
import type { Facts } from '../../src/access/facts.ts';
import { allowsPlace, keyAllowsPlace, plainPlace, refuseForwardPattern } from '../../src/access/forward.ts';
import { newId } from '../../src/kernel/id.ts';
import { type Place, placeText } from '../../src/kernel/program.ts';
import type { Permission } from '../../src/store/model.ts';
import { accountRow, assetRow, userRow } from '../kit/rows.ts';

const web1 = assetRow({ name: 'web1', address: '10.0.0.5' });
const tcp = (host: string, port = 5432): Place => ({ kind: 'tcp', host, port });
const socket = (path: string): Place => ({ kind: 'socket', path });

describe('a destination as it is judged and dialled', () => {
  test.each([
    ['web1', '10.0.0.5'],
    ['WEB1', '10.0.0.5'],
    [web1.id, '10.0.0.5'],
    ['10.0.0.5', '10.0.0.5'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['::FFFF:7f00:1', '127.0.0.1'],
    ['LocalHost', 'localhost'],
    ['localhost.', 'localhost.'],
    ['2130706433', '2130706433'],
    ['127.1', '127.1'],
    ['web1.', 'web1.'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s is %s', (host, plain) => {
    expect(plainPlace(tcp(host), web1)).toEqual(tcp(plain));
  });

  test('the address of the asset may be a name or IPv6', () => {
    expect(plainPlace(tcp('web1'), { ...web1, address: 'Web1.Corp' })).toEqual(tcp('web1.corp'));
    expect(plainPlace(tcp('web1'), { ...web1, address: 'FD00:0::5' })).toEqual(tcp('fd00::5'));
  });
});

describe('patterns', () => {
  const allows = (pattern: string, place: Place, asset = web1) =>
    allowsPlace([pattern], plainPlace(place, asset), asset);

  test.each<[pattern: string, place: Place, allowed: boolean]>([
    // the asset itself
    ['@asset', tcp('web1'), true],
    ['@asset', tcp('10.0.0.5', 1), true],
    ['@asset', tcp('localhost'), true],
    ['@asset', tcp('127.0.0.1'), true],
    ['@asset', tcp('127.200.3.4'), true],
    ['@asset', tcp('::1'), true],
    ['@asset', tcp('::ffff:127.0.0.1'), true],
    ['@asset', socket('/run/docker.sock'), true],
    ['@asset', tcp('10.0.0.6'), false],
    ['@asset', tcp('localhost.'), false],
    ['@asset', tcp('0.0.0.0'), false],
    ['@asset', tcp('::'), false],
    ['@asset', tcp('2130706433'), false],
    ['@asset', tcp('0x7f.1'), false],
    ['@asset', tcp('127.1'), false],
    ['@asset', tcp('127.0.0.1.evil.example'), false],
    ['@asset', tcp('::1%lo'), false],
    // names
    ['db1:5432', tcp('db1'), true],
    ['db1:5432', tcp('DB1'), true],
    ['DB1:5432', tcp('db1'), true],
    ['db1:5432', tcp('db1', 5433), false],
    ['db1:5432', tcp('db12'), false],
    ['db1:*', tcp('db1', 1), true],
    ['db?:5432', tcp('db7'), true],
    ['db?:5432', tcp('db77'), false],
    ['*.lan:5432', tcp('a.b.lan'), true],
    ['*.lan:5432', tcp('lan'), false],
    ['*.lan:5432', tcp('a.lan.'), false],
    ['db1:5432', socket('/db1:5432'), false],
    // any host
    ['*:5432', tcp('anything.example'), true],
    ['*:5432', tcp('10.1.2.3'), true],
    ['*:5432', tcp('fd00::1'), true],
    ['*:5432', tcp('fd00::1', 1), false],
    ['*:*', tcp('fd00::1', 1), true],
    ['*:*', socket('/run/docker.sock'), false],
    // addresses: a pattern of digits lets no name through that only looks like one
    ['10.0.*:5432', tcp('10.0.7.7'), true],
    ['10.0.*:5432', tcp('::ffff:10.0.7.7'), true],
    ['10.0.*:5432', tcp('10.0.evil.example'), false],
    ['10.0.*:5432', tcp('10.1.7.7'), false],
    ['10.0.0.*:5432', tcp('010.0.0.1'), false],
    ['*.example:5432', tcp('10.0.0.1'), false],
    ['[fd00::5]:5432', tcp('fd00:0:0::5'), true],
    ['[FD00:0::5]:5432', tcp('fd00::5'), true],
    ['[fd00:*]:5432', tcp('fd00::9'), true],
    ['[fd00:*]:5432', tcp('fd01::9'), false],
    ['[::ffff:10.0.0.9]:5432', tcp('10.0.0.9'), true],
    // the asset by its name stands for its address, and the other way round
    ['web1:5432', tcp('web1'), true],
    ['web1:5432', tcp('10.0.0.5'), true],
    ['web1:5432', tcp('localhost'), false],
    ['10.0.0.5:5432', tcp('web1'), true],
    // sockets
    ['/run/docker.sock', socket('/run/docker.sock'), true],
    ['/run/docker.sock', socket('/run/docker.sock2'), false],
    ['/run/*', socket('/run/user/1000/x.sock'), true],
    ['/run/*', socket('/run/../etc/x'), false],
    ['/run/*', socket('/run//x'), false],
    ['/run/*', socket('/run/./x'), false],
    ['/run/*', socket('/running'), false],
    ['/run/*', tcp('/run/x'), false],
  ])('%s and %o: %s', (pattern, place, allowed) => {
    expect(refuseForwardPattern(pattern)).toBeUndefined();
    expect(allows(pattern, place)).toBe(allowed);
  });

  test.each([
    ['db1', /HOST:PORT/],
    ['db1:0', /HOST:PORT/],
    ['db1:65536', /HOST:PORT/],
    ['db1:http', /HOST:PORT/],
    ['db 1:80', /HOST:PORT/],
    ['db1:80\x1b', /HOST:PORT/],
    ['fd00::5:22', /brackets/],
    ['[db1]:22', /HOST:PORT/],
    ['[fe80::1%eth0]:22', /HOST:PORT/],
    ['alice@db1:22', /HOST:PORT/],
    ['@all', /@asset/],
    ['/run/', /path of a socket/],
    ['/run/../x', /path of a socket/],
    ['', /HOST:PORT/],
  ])('%o is refused', (pattern, why) => {
    expect(refuseForwardPattern(pattern)).toMatch(why);
    expect(refuseForwardPattern(pattern)).not.toContain('\x1b');
  });

  test("a key's permitopen: of addresses and names, never of sockets", () => {
    const key = (permitOpen: string[], place: Place) => keyAllowsPlace(permitOpen, plainPlace(place, web1), web1);
    expect(key([], socket('/run/x'))).toBe(true);
    expect(key(['localhost:*'], tcp('localhost'))).toBe(true);
    expect(key(['localhost:80'], tcp('localhost'))).toBe(false);
    expect(key(['*:*'], socket('/run/x'))).toBe(false);
  });
});

describe('the decision', () => {
  function permission(more: Partial<Permission> = {}): Permission {
    return {
      id: newId(),
      name: 'ops',
      comment: '',
      active: true,
      users: ['alice'],
      groups: [],
      assets: ['web1'],
      folders: [],
      labels: [],
      accounts: ['@all'],
      protocols: [],
      actions: ['connect', 'forward'],
      from: null,
      until: null,
      forwardTo: [],
      record: 'required',
      createdAt: 0,
      version: 1,
      ...more,
    };
  }
  const NOW = Date.UTC(2026, 4, 1, 12);
  const HOUR = 3_600_000;
  const judge = (permissions: Permission[], to: Place, key: Facts['key'] = null) =>
    decide(
      {
        user: userRow(),
        groups: [],
        permissions,
        asset: web1,
        accounts: [accountRow(web1, 'root', {})],
        key,
        now: NOW,
      },
      { userName: 'alice', asset: 'web1', use: 'forward', to },
    );
  const message = (verdict: ReturnType<typeof judge>) => (verdict.kind === 'deny' ? verdict.message : verdict.kind);

  test('permissions add up, each with its own destinations; the one that allows it counts for the end', () => {
    const itself = permission({ name: 'self', until: NOW + HOUR });
    const database = permission({ name: 'db', forwardTo: ['db1:5432'], until: NOW + 2 * HOUR });
    const shell = permission({ name: 'shell', actions: ['connect'] });
    const all = [itself, database, shell];
    const to = (place: Place) => {
      const verdict = judge(all, place);
      if (verdict.kind !== 'allow') throw new Error(message(verdict));
      return [verdict.permissions, verdict.terms.until, verdict.to && placeText(verdict.to)];
    };
    expect(to(tcp('web1', 80))).toEqual([['self'], NOW + HOUR, '10.0.0.5:80']);
    expect(to(tcp('DB1'))).toEqual([['db'], NOW + 2 * HOUR, 'db1:5432']);
    expect(message(judge(all, tcp('db1', 22)))).toBe(
      'You may not forward to db1:22 over web1, only to the asset itself, db1:5432; ask an administrator to permit it (--forward-to).',
    );
  });

  test.each([
    'web1',
    '10.0.0.5',
    'localhost',
    'LOCALHOST.',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0.0.0.0',
    '0',
    '::1',
    '::',
    '::ffff:10.0.0.5',
    '167772165',
    '10.0.0.5.',
  ])('the SSH port of the asset itself is nobody forwarded to: %s', (host) => {
    const everywhere = [permission({ forwardTo: ['*:*'] })];
    expect(message(judge(everywhere, tcp(host, 22)))).toBe(
      'The SSH port of web1 is a login to it, which needs the action connect; ask an administrator for it.',
    );
    expect(judge(everywhere, tcp(host, 23)).kind).toBe('allow');
  });

  test('no permission with the action, or none in force', () => {
    expect(message(judge([permission({ actions: ['connect'] })], tcp('web1')))).toMatch(/allows "forward"/);
    expect(message(judge([permission({ until: NOW })], tcp('web1')))).toMatch(/No asset named/);
    expect(message(judge([permission({ active: false })], tcp('web1')))).toMatch(/No asset named/);
  });

  test('the key forbids it or narrows it; it never widens it', () => {
    const key = (portForwarding: boolean, permitOpen: string[] = []) => ({
      expiresAt: null,
      portForwarding,
      permitOpen,
    });
    expect(message(judge([permission()], tcp('web1'), key(false)))).toMatch(/permits no forwarding/);
    expect(message(judge([permission()], tcp('web1'), key(true, ['localhost:*'])))).toMatch(/permitopen=/);
    expect(judge([permission()], tcp('localhost'), key(true, ['localhost:*'])).kind).toBe('allow');
    expect(message(judge([permission()], tcp('db1'), key(true, ['db1:*'])))).toMatch(/may not forward/);
  });

  test('a shell by the same key has no action forward, and its trace says where to', () => {
    const shell = (key: Facts['key']) =>
      decide(
        {
          user: userRow(),
          groups: [],
          permissions: [permission({ forwardTo: ['@asset', 'db1:5432'] })],
          asset: web1,
          accounts: [accountRow(web1, 'root', {})],
          key,
          now: NOW,
        },
        { userName: 'alice', asset: 'web1', use: 'shell' },
      );
    const verdict = shell({ expiresAt: null, portForwarding: false, permitOpen: [] });
    expect(verdict.kind === 'allow' && [...verdict.terms.actions]).toEqual(['connect']);
    expect(shell(null).trace).toContain('Forwarding may go to the asset itself, db1:5432.');
  });
});

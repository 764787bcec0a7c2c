import { describe, expect, test } from 'vitest';
import { decide, type Verdict } from '../../src/access/decide.ts';
import type { Ask, Facts } from '../../src/access/facts.ts';
import { newId } from '../../src/kernel/id.ts';
import { ACTIONS, type Account, type Asset, type Permission } from '../../src/store/model.ts';
import { accountRow, assetRow, userRow } from '../kit/rows.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const HOUR = 3_600_000;

const alice = userRow({ displayName: 'Alice' });
const web1 = assetRow({ address: '10.0.0.5', folder: '/prod/web', labels: { env: 'prod' } });
const account = (login: string, more: Partial<Account> = {}) => accountRow(web1, login, more);
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
    actions: ['connect', 'upload', 'download', 'delete', 'copy', 'paste'],
    from: null,
    until: null,
    forwardTo: [],
    record: 'required',
    createdAt: 0,
    version: 1,
    ...more,
  };
}
function facts(more: Partial<Facts> = {}): Facts {
  return {
    user: alice,
    groups: [],
    permissions: [permission()],
    asset: web1,
    accounts: [account('root')],
    key: null,
    now: NOW,
    ...more,
  };
}
const ask = (more: Partial<Ask> = {}): Ask => ({ userName: 'alice', asset: 'web1', use: 'shell', ...more });

const allowed = (verdict: Verdict) => {
  if (verdict.kind !== 'allow') throw new Error(`not allowed: ${verdict.kind}\n${verdict.trace.join('\n')}`);
  return verdict;
};
const denied = (verdict: Verdict) => {
  if (verdict.kind !== 'deny') throw new Error(`not denied: ${verdict.kind}\n${verdict.trace.join('\n')}`);
  return verdict;
};

const refusals: [what: string, facts: Partial<Facts>, ask: Partial<Ask>, code: string, trace: RegExp][] = [
  ['no permission at all', { permissions: [] }, {}, 'no_permission', /No permission names alice/],
  [
    'an administrator without a permission',
    { permissions: [], user: { ...alice, role: 'admin' } },
    {},
    'no_permission',
    /No permission/,
  ],
  ['a user that is gone', { user: undefined }, {}, 'forbidden', /There is no user alice/],
  ['a disabled user', { user: { ...alice, disabled: true } }, {}, 'forbidden', /alice is disabled/],
  [
    'a user that expired this very moment',
    { user: { ...alice, validUntil: NOW } },
    {},
    'forbidden',
    /expired on 2026-05-01 12:00 UTC/,
  ],
  [
    'an expired key',
    { key: { expiresAt: NOW, portForwarding: true, permitOpen: [] } },
    {},
    'forbidden',
    /The key alice logged in with expired/,
  ],
  ['an unknown asset', { asset: undefined }, { asset: 'nix' }, 'no_permission', /there is no asset "nix"/],
  ['an inactive asset', { asset: { ...web1, active: false } }, {}, 'no_permission', /switched off/],
  [
    'a permission of others',
    { permissions: [permission({ users: ['bob'] })] },
    {},
    'no_permission',
    /does not name alice/,
  ],
  [
    'a group of others',
    { permissions: [permission({ users: [], groups: ['dba'] })], groups: ['ops'] },
    {},
    'no_permission',
    /does not name/,
  ],
  [
    'a permission switched off',
    { permissions: [permission({ active: false })] },
    {},
    'no_permission',
    /is switched off/,
  ],
  [
    'a permission still to begin',
    { permissions: [permission({ from: NOW + 1 })] },
    {},
    'no_permission',
    /it begins on/,
  ],
  [
    'a permission that ended this very moment',
    { permissions: [permission({ until: NOW })] },
    {},
    'no_permission',
    /it ended on/,
  ],
  ['another asset', { permissions: [permission({ assets: ['web2'] })] }, {}, 'no_permission', /does not cover web1/],
  [
    'no asset, folder or label',
    { permissions: [permission({ assets: [] })] },
    {},
    'no_permission',
    /does not cover web1/,
  ],
  [
    'a folder with the same beginning',
    { permissions: [permission({ assets: [], folders: ['/prod/we'] })] },
    {},
    'no_permission',
    /does not cover/,
  ],
  [
    'a folder further down',
    { permissions: [permission({ assets: [], folders: ['/prod/web/x'] })] },
    {},
    'no_permission',
    /does not cover/,
  ],
  [
    'another label value',
    { permissions: [permission({ assets: [], labels: ['env=test'] })] },
    {},
    'no_permission',
    /does not cover/,
  ],
  [
    'a label that only objects have',
    { permissions: [permission({ assets: [], labels: ['toString='] })] },
    {},
    'no_permission',
    /does not cover/,
  ],
  ['a protocol the asset lacks', {}, { protocol: 'telnet' }, 'unsupported', /not telnet/],
  [
    'a protocol that has no shell',
    { asset: { ...web1, protocols: [{ name: 'rdp', port: 3389 }] } },
    {},
    'unsupported',
    /for shell/,
  ],
  [
    'a protocol not permitted',
    { permissions: [permission({ protocols: ['telnet'] })] },
    {},
    'no_permission',
    /allows telnet, not ssh/,
  ],
  [
    'no action connect',
    { permissions: [permission({ actions: ['upload'] })] },
    {},
    'no_permission',
    /does not allow "connect"/,
  ],
  ['forward by default actions', {}, { use: 'forward' }, 'no_permission', /does not allow "forward"/],
  [
    'an account of others',
    { permissions: [permission({ accounts: ['deploy'] })], accounts: [account('root'), account('deploy')] },
    { account: 'root' },
    'no_account',
    /not account root/,
  ],
  [
    'an account not stored',
    { permissions: [permission({ accounts: ['deploy'] })] },
    {},
    'no_account',
    /no active account among deploy/,
  ],
  ['an account in other letters', {}, { account: 'Root' }, 'no_account', /not account Root/],
  [
    'an inactive account',
    { accounts: [account('root', { active: false })] },
    { account: 'root' },
    'no_account',
    /no active account/,
  ],
  [
    '@user while that account is inactive',
    { permissions: [permission({ accounts: ['@user'] })], accounts: [account('alice', { active: false })] },
    {},
    'no_account',
    /no active account/,
  ],
  ['@input where it is not given', {}, { account: '@input', typedLogin: 'root' }, 'no_account', /not account @input/],
  [
    'a typed login where @input is not given',
    {},
    { account: 'guest', typedLogin: 'guest' },
    'no_account',
    /not account guest/,
  ],
  ['no accounts at all', { accounts: [] }, {}, 'no_account', /no active account/],
  ['no accounts at all, in the sum', { accounts: [] }, {}, 'no_account', /^Accounts: none is usable\.$/m],
];

describe('deny', () => {
  test.each(refusals)('%s', (_what, given, asked, code, trace) => {
    const verdict = denied(decide(facts(given), ask(asked)));
    expect(verdict.code).toBe(code);
    expect(verdict.trace.join('\n')).toMatch(trace);
    expect(verdict.trace.at(-1)).toMatch(/^Denied: /);
  });

  test('whatever is asked, without a permission for it the answer is no', () => {
    const useless: Permission[][] = [
      [],
      [permission({ users: ['bob'], groups: ['dba'] })],
      [permission({ actions: [] })],
      [permission({ accounts: [] })],
      [permission({ assets: [], folders: [], labels: [] })],
      [permission({ until: NOW - 1 }), permission({ from: NOW + 1 }), permission({ active: false })],
    ];
    let judged = 0;
    for (const permissions of useless)
      for (const role of ['user', 'auditor', 'admin'] as const)
        for (const use of ['shell', 'exec', 'files', 'forward', 'desktop'] as const)
          for (const asked of [undefined, 'root', 'alice', '@input', '@user', '@all', ''])
            for (const protocol of [undefined, 'ssh', 'rdp', 'telnet'] as const)
              for (const typedLogin of [undefined, 'root'])
                for (const asset of [
                  web1,
                  undefined,
                  { ...web1, protocols: [...web1.protocols, { name: 'rdp', port: 1 } as const] },
                ]) {
                  const given = facts({
                    permissions,
                    user: { ...alice, role },
                    asset,
                    accounts: [account('root'), account('alice')],
                  });
                  const verdict = decide(given, ask({ use, account: asked, protocol, typedLogin }));
                  expect(verdict.kind).toBe('deny');
                  judged++;
                }
    expect(judged).toBe(6 * 3 * 5 * 7 * 4 * 2 * 3);
  });

  test('unknown and forbidden assets give the same words', () => {
    const unknown = denied(decide(facts({ asset: undefined }), ask()));
    for (const given of [
      { permissions: [] },
      { permissions: [permission({ assets: ['web2'] })] },
      { permissions: [], asset: { ...web1, active: false } },
    ]) {
      const forbidden = denied(decide(facts(given), ask({ protocol: 'telnet' })));
      expect([forbidden.code, forbidden.message]).toEqual([unknown.code, unknown.message]);
    }
    expect(unknown.message).toBe(
      'No asset named "web1" is open to you; log in without an asset name for the list of those that are.',
    );
  });

  test('what a user or a name holds cannot move the cursor', () => {
    const verdict = denied(
      decide(facts({ asset: undefined }), ask({ asset: '\x1b[2Jweb\r\n\u202e', userName: 'a\x07' })),
    );
    expect(verdict.message).toContain('"?[2Jweb???"');
    expect(verdict.trace.join('')).not.toMatch(/[\x00-\x1f\u202e]/);
  });
});

describe('allow', () => {
  test.each<[string, Partial<Permission>, Partial<Facts>]>([
    ['by name', {}, {}],
    ['by name in other letters', { users: ['ALICE'], assets: ['WEB1'] }, {}],
    ['through a group', { users: [], groups: ['Ops'] }, { groups: ['dev', 'ops'] }],
    ['by the folder itself', { assets: [], folders: ['/prod/web'] }, {}],
    ['by a folder above', { assets: [], folders: ['/prod'] }, {}],
    ['by the root folder', { assets: [], folders: ['/'] }, {}],
    ['by a label', { assets: [], labels: ['env=prod'] }, {}],
    ['by a named account', { accounts: ['root'] }, {}],
    ['by a named protocol', { protocols: ['telnet', 'ssh'] }, {}],
    ['from the first moment to the last', { from: NOW, until: NOW + 1 }, {}],
  ])('%s', (_what, given, more) => {
    const verdict = allowed(decide(facts({ permissions: [permission(given)], ...more }), ask()));
    expect(verdict.entry).toMatchObject({ kind: 'stored', account: { login: 'root' } });
    expect(verdict.permissions).toEqual(['ops']);
    expect(verdict.protocol).toBe('ssh');
  });

  test('the trace tells each rule in the order judged', () => {
    const permissions = [
      permission({ name: 'old', until: NOW - HOUR }),
      permission({ name: 'ops', users: [], groups: ['ops'], until: NOW + HOUR }),
    ];
    const verdict = allowed(decide(facts({ permissions, groups: ['ops'] }), ask()));
    expect(verdict.trace).toEqual([
      'User alice is enabled.',
      'Asset web1 exists and is active.',
      'Protocol: web1 offers ssh; ssh serves shell.',
      'Permission "old" does not apply: it ended on 2026-05-01 11:00 UTC.',
      'Permission "ops" applies: it names alice through group ops, covers web1 by name, gives root and allows connect, upload, download, delete, copy, paste until 2026-05-01 13:00 UTC.',
      'Account root: stored in the vault.',
      'Allowed by "ops": connect, upload, download, delete, copy, paste until 2026-05-01 13:00 UTC; recording required.',
    ]);
  });

  test('the first protocol that leads somewhere stands when none is named', () => {
    const asset: Asset = {
      ...web1,
      protocols: [
        { name: 'rdp', port: 3389 },
        { name: 'telnet', port: 23 },
        { name: 'ssh', port: 22 },
      ],
    };
    expect(allowed(decide(facts({ asset }), ask())).protocol).toBe('telnet');
    expect(allowed(decide(facts({ asset, permissions: [permission({ protocols: ['ssh'] })] }), ask())).protocol).toBe(
      'ssh',
    );
    expect(allowed(decide(facts({ asset }), ask({ use: 'exec' }))).protocol).toBe('ssh');
    expect(allowed(decide(facts({ asset }), ask({ use: 'desktop' }))).protocol).toBe('rdp');
  });

  test('several accounts ask for a choice, and a named one decides', () => {
    const given = facts({
      accounts: [account('root'), account('deploy'), account('off', { active: false })],
      permissions: [permission({ accounts: ['@all', '@input'] })],
    });
    const verdict = decide(given, ask());
    expect(verdict).toMatchObject({
      kind: 'choose',
      accounts: [
        { login: 'deploy', name: 'deploy' },
        { login: 'root', name: 'root' },
        { login: null, name: '@input' },
      ],
    });
    expect(allowed(decide(given, ask({ account: 'deploy' }))).entry).toMatchObject({ account: { login: 'deploy' } });
    expect(decide(given, ask({ account: '@input' }))).toMatchObject({ kind: 'input', login: null });
    expect(allowed(decide(given, ask({ account: '@input', typedLogin: 'eve' }))).entry).toEqual({
      kind: 'input',
      login: 'eve',
    });
    expect(decide(given, ask({ account: 'eve' }))).toMatchObject({ kind: 'input', login: 'eve' });
    expect(allowed(decide(given, ask({ account: 'eve', typedLogin: 'root' }))).entry).toEqual({
      kind: 'input',
      login: 'eve',
    });
  });

  test('@user is the stored account of that name, else the user types its secret', () => {
    const permissions = [permission({ accounts: ['@user'] })];
    const stored = facts({ permissions, accounts: [account('root'), account('alice')] });
    expect(allowed(decide(stored, ask())).entry).toMatchObject({ kind: 'stored', account: { login: 'alice' } });
    expect(allowed(decide(stored, ask({ account: '@user' }))).entry).toMatchObject({ account: { login: 'alice' } });
    const missing = facts({ permissions, accounts: [account('root')] });
    expect(decide(missing, ask())).toMatchObject({ kind: 'input', login: 'alice' });
    expect(allowed(decide(missing, ask({ typedLogin: 'root' }))).entry).toEqual({ kind: 'input', login: 'alice' });
    expect(denied(decide(missing, ask({ account: 'root' }))).message).toContain('choose from: alice');
  });

  test('an SSH account without a secret asks for it', () => {
    const given = facts({ accounts: [account('root', { secretKind: 'none' })] });
    expect(decide(given, ask())).toMatchObject({ kind: 'input', login: 'root' });
    expect(allowed(decide(given, ask({ typedLogin: 'x' }))).entry).toEqual({ kind: 'input', login: 'root' });
    const local = facts({ ...given, asset: { ...web1, protocols: [{ name: 'local', port: 0 }] } });
    expect(allowed(decide(local, ask())).entry.kind).toBe('stored');
  });
});

describe('limits', () => {
  const terms = (permissions: Permission[], asked: Partial<Ask> = {}, more: Partial<Facts> = {}) =>
    allowed(decide(facts({ permissions, ...more }), ask(asked))).terms;

  test('permissions are a union; each action ends when the last that allows it ends', () => {
    const both = terms([
      permission({ name: 'a', actions: ['connect', 'upload'], until: NOW + HOUR }),
      permission({ name: 'b', actions: ['connect', 'paste'], until: NOW + 2 * HOUR }),
      permission({ name: 'c', actions: ['paste'] }),
    ]);
    expect([...both.actions].sort()).toEqual(['connect', 'paste', 'upload']);
    expect(both.until).toBe(NOW + 2 * HOUR);
    expect([...both.actionUntil]).toEqual([
      ['connect', NOW + 2 * HOUR],
      ['upload', NOW + HOUR],
    ]);
  });

  test('what a permission for another account or protocol allows does not count', () => {
    const accounts = [account('root'), account('deploy')];
    const permissions = [
      permission({ accounts: ['deploy'], actions: ['connect'] }),
      permission({ accounts: ['root'], actions: ACTIONS }),
      permission({ accounts: ['deploy'], protocols: ['telnet'], actions: ['download'] }),
    ];
    expect([...terms(permissions, { account: 'deploy' }, { accounts }).actions]).toEqual(['connect']);
  });

  test('the user and the key end it too', () => {
    expect(
      terms([permission({ until: NOW + 3 * HOUR })], {}, { user: { ...alice, validUntil: NOW + 2 * HOUR } }).until,
    ).toBe(NOW + 2 * HOUR);
    expect(
      terms([permission()], {}, { key: { expiresAt: NOW + HOUR, portForwarding: true, permitOpen: [] } }).until,
    ).toBe(NOW + HOUR);
    expect(terms([permission()]).until).toBeNull();
  });

  test('a key for reading alone gives nothing that changes', () => {
    const key = { expiresAt: null, portForwarding: true, permitOpen: [] };
    const actions = (forceCommand: string) => [...terms([permission()], {}, { key: { ...key, forceCommand } }).actions];
    expect(actions('internal-sftp -R')).toEqual(actions('internal-sftp').filter((one) => !/upload|delete/.test(one)));
    expect(actions('internal-sftp')).toContain('upload');
  });

  test('recording is best-effort only when every permission that allows connecting says so', () => {
    const easy = permission({ record: 'best-effort' });
    expect(terms([easy]).record).toBe('best-effort');
    expect(terms([easy, permission()]).record).toBe('required');
    expect(terms([easy, permission({ actions: ['upload'] })]).record).toBe('best-effort');
    expect(terms([easy, permission({ until: NOW - 1 })]).record).toBe('best-effort');
  });
});

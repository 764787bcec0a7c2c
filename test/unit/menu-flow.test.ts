import { describe, expect, test } from 'vitest';
import type { ConnectOutcome, MenuPick } from '../../src/gateways/ssh/menu/types.ts';
import { asset, KEY, startMenu } from './menu-kit.ts';

const golden = (name: string) => `../golden/menu/${name}.txt`;
const many = Array.from({ length: 500 }, (_, i) =>
  asset(`host${i + 1}`, { address: `10.1.${i >> 8}.${i & 255}`, comment: `rack ${i % 40}`, folder: `/room${i % 7}` }),
);

describe('what a person sees', () => {
  test('the list at once, on the usual terminal', async () => {
    const { person } = await startMenu({ deps: { announcement: 'Maintenance tonight from 22:00.\nSave your work.' } });
    await expect(person.text()).toMatchFileSnapshot(golden('start-80x24'));
    expect(person.cursor).toEqual({ x: 7, line: expect.stringMatching(/^Asset> type to search/) });
  });

  test.each([
    [40, 10],
    [200, 60],
    [60, 4],
  ])('500 assets on %dx%d', async (cols, rows) => {
    const { person } = await startMenu({ assets: many, cols, rows });
    await expect(person.text()).toMatchFileSnapshot(golden(`many-${cols}x${rows}`));
    for (const row of person.rows()) expect(row.length).toBeLessThan(cols);
  });

  test('wide letters keep the columns in line', async () => {
    const assets = [
      asset('网络-核心', { comment: '数据库 🚀' }),
      asset('web', { comment: 'ascii' }),
      asset('ﾊﾛｰ', { platform: 'cisco' }),
      asset('한국서버', { comment: '서울' }),
    ];
    const { person } = await startMenu({ assets });
    await expect(person.text()).toMatchFileSnapshot(golden('wide-letters'));
    person.type('数据');
    await person.sees('1 of 4 match');
    expect(person.text()).toContain('网络-核心');
  });

  test('hostile names cannot touch the screen', async () => {
    const evil = asset('\x1b[2J\x1b[Hevil\r\nAsset> ', {
      address: '\x9b31m',
      comment: '\x1b]0;title\x07\u202emoc',
      platform: '\x07',
      folder: '/\x1b[5m/x',
    });
    const { person } = await startMenu({
      assets: [evil, asset('good')],
      deps: { displayName: '\x1b[8mhidden', userName: 'a\nb', announcement: '\x1b[?1049h' },
      connect: () => ({ kind: 'failed', message: 'no\x1b[2J\r\nway' }),
    });
    person.type('1\r');
    await person.sees('no?[2J??way');
    person.type('g\r');
    await person.sees('FOLDER');
    await expect(person.history()).toMatchFileSnapshot(golden('hostile'));
    const foreign = person.writes.join('').replace(/\x1b\[(\d+(;\d+)*)?[mABCHJK]|\x1b\[\?25[lh]|\r|\n/g, '');
    expect(foreign).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  });

  test('nothing to see is said', async () => {
    const { person } = await startMenu({ assets: [] });
    expect(person.text()).toContain('No asset is open to you yet; ask an administrator for a permission.');
  });

  test('the help fits', async () => {
    const { person } = await startMenu();
    person.type('?\r');
    await person.sees('KEYS');
    await expect(person.text()).toMatchFileSnapshot(golden('help-80x24'));
    person.type('\r');
    await person.sees('All assets');
  });
});

describe('line keys', () => {
  test('an empty line, n and b turn pages', async () => {
    const { person } = await startMenu();
    expect(person.text()).toContain('page 1/2');
    person.type('\r');
    await person.sees('page 2/2');
    person.type('N\r');
    await person.sees('This is the last page.');
    person.type('b\r');
    await person.sees('page 1/2');
    person.type(KEY.pageDown);
    await person.sees('page 2/2');
    person.type('\r');
    await person.sees('page 1/2');
  });

  test('h, d and p list hosts, databases and everything', async () => {
    const { person } = await startMenu();
    person.type('d\r');
    expect(await person.sees('Databases · 4 assets')).not.toContain('web1');
    person.type('h\r');
    expect(await person.sees('Hosts')).not.toContain('db1');
    person.type('P\r');
    await person.sees('All assets');
  });

  test('g shows the folders, a number opens one, gN does so at once', async () => {
    const { person, picks } = await startMenu();
    person.type('g\r');
    await person.sees('FOLDER');
    await expect(person.text()).toMatchFileSnapshot(golden('folders-80x24'));
    person.type('4\r');
    await person.sees('Folder /prod/db · 4 assets');
    person.type('g2\r');
    await person.sees('Folder /lab · 8 assets');
    person.type('g99\r');
    await person.sees('There is no folder 99; g shows the folders.');
    expect(picks).toEqual([]);
  });

  test('a number connects that row', async () => {
    const { person, picks } = await startMenu();
    person.type('5');
    await person.sees('Enter connects to lab1');
    expect(person.reversed()).toEqual([expect.stringContaining('lab1')]);
    person.type('\r');
    await person.sees('The session on lab1 is over.');
    expect(picks).toMatchObject([{ asset: { asset: { name: 'lab1' } }, protocol: 'ssh', account: undefined }]);
  });

  test('/ searches without connecting, // narrows what is listed', async () => {
    const { person, picks } = await startMenu();
    person.type('/web1\r');
    await person.sees('Search "web1" · 10 assets');
    person.type('//1.18\r');
    await person.sees('Search "web1", "1.18" · 1 asset ');
    person.type('/lab');
    await person.sees('8 of 30 match');
    person.type('\r');
    await person.sees('Search "lab" · 8 assets');
    person.type('/\r');
    await person.sees('All assets');
    expect(picks).toEqual([]);
  });

  test('text connects when one is meant, else its matches stay listed', async () => {
    const { person, picks } = await startMenu();
    person.type('web\r');
    await person.sees('Search "web" · page 1/2 · 18 assets');
    person.type('web1\r');
    await person.sees('The session on web1 is over.');
    person.type('10.0.2.2\r');
    await person.sees('The session on db2 is over.');
    person.type('cisco lab2\r');
    await person.sees('The session on lab2 is over.');
    person.type('nonsense\r');
    await person.sees('No asset matches "nonsense"; Esc clears the search.');
    expect(picks.map((pick) => pick.asset.asset.name)).toEqual(['web1', 'db2', 'lab2']);
  });

  test('r loads the list again', async () => {
    const assets = [asset('one')];
    const { person } = await startMenu({ assets });
    assets.push(asset('two'));
    person.type('r\r');
    await person.sees('The list is up to date.');
    expect(person.text()).toContain('two');
  });

  test.each(['q\r', 'EXIT\r', 'quit\r', '\x04', 'abc\x04', '\x03', 'abc\x03\x03'])('%j leaves', async (keys) => {
    const { person, end } = await startMenu();
    person.type(keys);
    expect(await end).toBe('left');
    expect(person.listeners).toBe(0);
    await person.sees((text) => !text.includes('Asset>'));
  });
});

describe('live keys', () => {
  test('the list follows what is typed, wherever the bytes are cut', async () => {
    const { person } = await startMenu({ assets: [asset('数据库'), asset('web'), asset('webcam')] });
    for (const byte of Buffer.from('数')) person.type(Buffer.from([byte]));
    await person.sees('1 of 3 match · Enter connects to 数据库');
    person.type('\x7fwe');
    await person.sees('2 of 3 match · Enter keeps these');
    person.type('b');
    await person.sees('Enter connects to web ');
    person.type('\x15');
    await person.sees('All assets');
  });

  test('arrows select across pages, Enter connects, Escape lets go', async () => {
    const { person, clock, picks } = await startMenu();
    person.type(KEY.down + KEY.down);
    await person.sees('Enter connects to db2');
    person.type(KEY.up + KEY.up + KEY.up);
    await person.sees('Enter connects to db1');
    person.type(KEY.down.repeat(16));
    await person.sees('page 2/2');
    expect(person.reversed()).toEqual([expect.stringContaining('web5')]);
    person.type('\x1b');
    clock.advance(50);
    await person.sees((text) => !text.includes('Enter connects'));
    expect(person.reversed()).toEqual([]);
    person.type(`web${KEY.down}${KEY.down}\r`);
    await person.sees('The session on web2 is over.');
    expect(picks).toHaveLength(1);
  });

  test('Tab completes, Ctrl-W and the arrows edit', async () => {
    const { person } = await startMenu();
    person.type('w\t');
    await person.sees('Asset> web');
    person.type(`${KEY.home}x${KEY.end}y`);
    await person.sees('Asset> xweby');
    expect(person.cursor.x).toBe(12);
    person.type('\x17');
    await person.sees('Asset> type to search');
  });

  test('a pasted text does not press Enter', async () => {
    const { person, picks } = await startMenu();
    person.type('\x1b[200~web1\rq\r\x1b[201~');
    await person.sees('Asset> web1q');
    expect(picks).toEqual([]);
  });

  test('a keystroke redraws only what changed, in one write', async () => {
    const { person } = await startMenu({ assets: many, cols: 200, rows: 60 });
    const before = person.writes.length;
    person.type(KEY.down);
    await person.sees('Enter connects to host1');
    person.type(KEY.down);
    await person.sees('Enter connects to host2');
    expect(person.writes.length).toBe(before + 2);
    expect(person.writes.at(-1)!.length).toBeLessThan(600);
    person.type('host499');
    await person.sees('1 of 500 match');
    expect(person.writes.length).toBe(before + 3);
  });
});

describe('sizes', () => {
  test('a resize draws anew and leaves nothing behind', async () => {
    const { person } = await startMenu({ assets: many, cols: 120, rows: 30 });
    for (const [cols, rows] of [
      [50, 12],
      [200, 60],
      [40, 10],
      [80, 24],
    ] as const) {
      person.resizeTo(cols, rows);
      const page = Math.max(rows - 8, 6);
      const text = await person.sees((seen) => seen.includes(`page 1/${Math.ceil(500 / page)}`));
      expect(text.split('Asset>')).toHaveLength(2);
      expect(text.split('ID  NAME')).toHaveLength(2);
      expect(text.match(/^ +\d+ {2}host/gm)).toHaveLength(page);
    }
  });

  test('a resize in a picker and a size of nothing', async () => {
    const { person } = await startMenu({ assets: [asset('a', {}, ['ssh', 'telnet'])], cols: 100, rows: 30 });
    person.type('1\r');
    await person.sees('Protocols of a');
    person.resizeTo(40, 8);
    await person.sees((text) => text.includes('Protocol>') && text.includes('2  telnet'));
    person.size = { cols: 0, rows: 0 };
    person.type('q\r');
    await person.sees('All assets');
  });
});

describe('connecting', () => {
  test('hands the terminal over with what was typed ahead, and takes it back', async () => {
    const over = Promise.withResolvers<ConnectOutcome>();
    const { person, picks } = await startMenu({
      connect: (_pick, terminal) => {
        terminal.write('\x1b[?1049h\x1b[5;10r\x1b[?25l\x1b[1;31mfull screen');
        return over.promise;
      },
    });
    const before = person.listeners;
    person.type('web1\r\nls -l\n');
    await person.sees('full screen');
    expect(picks[0]!.typedAhead.toString()).toBe('ls -l\n');
    expect(person.listeners).toBe(before - 1);
    person.type('ignored by the menu');
    over.resolve({ kind: 'ended', message: 'Terminated by admin.' });
    await person.sees('All assets');
    expect(person.history()).toMatch(/> web1\n+Terminated by admin\.\n\nAsset> type/);
    expect(person.listeners).toBe(before);
    person.type('web2');
    await person.sees('Asset> web2');
  });

  test('a failure is told above the list', async () => {
    const { person } = await startMenu({
      connect: () => ({ kind: 'failed', message: '10.0.1.1 refused the connection; is its SSH server running?' }),
    });
    person.type('web1\r');
    await person.sees('10.0.1.1 refused the connection');
    await expect(person.text()).toMatchFileSnapshot(golden('failed-80x24'));
  });

  test('an unforeseen error does not end the menu', async () => {
    const { person } = await startMenu({ connect: () => Promise.reject(new Error('secret detail')) });
    person.type('web1\r');
    const text = await person.sees('Something went wrong inside the bastion');
    expect(text).not.toContain('secret detail');
  });

  test('asks for protocol and account when there are several', async () => {
    const { person, picks } = await startMenu({
      assets: [asset('sw1', {}, ['ssh', 'telnet'])],
      connect: (pick): ConnectOutcome =>
        pick.account === undefined
          ? {
              kind: 'choose',
              accounts: [
                { login: 'root', name: 'root' },
                { login: 'deploy', name: 'deploy' },
                { login: null, name: '@input' },
              ],
            }
          : { kind: 'ended', message: null },
    });
    person.type('sw1\r');
    await person.sees('Protocols of sw1');
    person.type('telnet\r');
    await person.sees('Accounts of sw1');
    await expect(person.text()).toMatchFileSnapshot(golden('accounts-80x24'));
    person.type('9\r');
    await person.sees('"9" is none of these.');
    person.type(`${KEY.down}${KEY.down}\r`);
    await person.sees('> sw1 as deploy');
    expect(picks.map(({ protocol, account }) => [protocol, account])).toEqual([
      ['telnet', undefined],
      ['telnet', 'deploy'],
    ]);
    expect(person.history().split('> sw1')).toHaveLength(2);
  });

  test('what was typed ahead answers the questions first and then goes to the target', async () => {
    const { person, picks } = await startMenu({
      connect: (pick): ConnectOutcome =>
        pick.account === undefined
          ? { kind: 'choose', accounts: ['root', 'deploy'].map((name) => ({ login: name, name })) }
          : { kind: 'ended', message: 'Over.' },
    });
    person.type('web1\r2\ruptime\r');
    await person.sees('Over.');
    expect(picks[1]).toMatchObject({ account: 'deploy', typedAhead: Buffer.from('uptime\r') });
  });

  test.each(['q\r', 'B\r', '\x03', 'x\rx\rx\r'])('%j in a picker goes back', async (keys) => {
    const { person, picks } = await startMenu({ assets: [asset('sw1', {}, ['ssh', 'telnet']), asset('sw2')] });
    person.type('sw1\r');
    await person.sees('Protocols of sw1');
    person.type(keys);
    await person.sees('All assets · 2 assets');
    expect(picks).toEqual([]);
  });

  test('asks login and hidden password, three times in all', async () => {
    const typed: (string | undefined)[] = [];
    const { person, picks } = await startMenu({
      connect: ({ input }: MenuPick): ConnectOutcome => {
        if (input) typed.push(`${input.login} ${input.secret.exposeText()}`);
        return { kind: 'input', login: null, ...(input ? { message: 'Authentication failed.' } : {}) };
      },
    });
    person.type('web1\r');
    for (const attempt of ['a', 'b', 'c']) {
      await person.sees('Login on web1>');
      person.type(`eve${attempt}\r`);
      await person.sees(`Password of eve${attempt} on web1>`);
      person.type(`hunter${attempt}`);
      person.type('\r');
    }
    await person.sees('All assets');
    expect(typed).toEqual(['evea huntera', 'eveb hunterb', 'evec hunterc']);
    expect(person.history()).not.toContain('hunter');
    expect(person.history().match(/Authentication failed/g)).toHaveLength(3);
    for (const { input } of picks) expect(input?.secret.exposeText() ?? '').not.toContain('hunter');
  });

  test('asks only the password when the login is known, and Ctrl-C goes back', async () => {
    const { person, picks } = await startMenu({ connect: () => ({ kind: 'input', login: 'alice' }) });
    person.type('web1\r');
    await person.sees('Password of alice on web1> (not shown)');
    person.type('\x03');
    await person.sees('All assets');
    expect(picks).toHaveLength(1);
  });
});

describe('endings', () => {
  test('without a keystroke for long it says so and leaves', async () => {
    const { person, clock, end } = await startMenu({ deps: { idleMs: 600_000 } });
    clock.advance(599_999);
    person.type('w');
    await person.sees('Asset> w');
    clock.advance(599_999);
    clock.advance(1);
    expect(await end).toBe('idle');
    await person.sees('Nothing was typed for 10 minutes; goodbye.');
    expect(person.listeners).toBe(0);
  });

  test('a running session is not idle', async () => {
    const over = Promise.withResolvers<ConnectOutcome>();
    const { person, clock } = await startMenu({ deps: { idleMs: 1000 }, connect: () => over.promise });
    person.type('web1\r');
    await person.sees('> web1');
    clock.advance(100_000);
    over.resolve({ kind: 'ended', message: 'Over.' });
    await person.sees('Over.');
  });

  test('the terminal goes away, in the list or in a session', async () => {
    const first = await startMenu();
    first.person.hangUp();
    expect(await first.end).toBe('closed');
    const second = await startMenu({ connect: () => new Promise(() => {}) });
    second.person.type('web1\r');
    await second.person.sees('> web1');
    second.person.hangUp();
    expect(await second.end).toBe('closed');
    expect(second.person.listeners).toBe(0);
  });

  test('whoever runs it can stop it', async () => {
    const { person, end, stop } = await startMenu();
    stop.abort();
    expect(await end).toBe('closed');
    expect(person.listeners).toBe(0);
  });

  test('a list that cannot be loaded is said, and can be tried again', async () => {
    let works = false;
    const { person } = await startMenu({
      deps: { reachable: () => (works ? Promise.resolve([asset('one')]) : Promise.reject(new Error('db'))) },
    });
    await person.sees('The list could not be loaded; r tries again.');
    works = true;
    person.type('r\r');
    await person.sees('one.lan');
  });
});

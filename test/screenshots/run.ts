/**
 * Pictures of every page: light and dark, 1280 and 800 pixels wide, of an empty house and of a full one.
 *
 *   npm run screenshots [-- --out DIR] [--only TEXT] [--language zh-CN]
 *
 * `--only` takes the pages whose name holds the text, e.g. `admin` or `full.dark`. DIR/index.html shows all of them.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { addTarget, PROMPT } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { makeKey, startSshd, TEST_USER } from '../kit/sshd.ts';
import { Terminal } from '../kit/terminal.ts';
import { remember, settle } from './crowd.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
    language: { type: 'string', default: 'en' },
  },
});
const out = resolve(values.out);
const ADMIN = { name: 'grace', password: 'seven quiet lighthouses' };
const WIDTHS = [1280, 800];
const SCHEMES = ['light', 'dark'] as const;

/** Pages anybody sees, and those of who is signed in, by the name of their picture. */
const OUTSIDE = { login: '/login', setup: '/setup#bsl_unknown', 'api-docs': '/api/docs' };
const INSIDE = {
  luna: '/luna',
  profile: '/profile',
  'profile-keys': '/profile/keys',
  'profile-two-factor': '/profile/two-factor',
  'profile-tokens': '/profile/tokens',
  'profile-sign-ins': '/profile/sign-ins',
  admin: '/admin',
  'admin-users': '/admin/users',
  'admin-groups': '/admin/groups',
  'admin-assets': '/admin/assets',
  'admin-permissions': '/admin/permissions',
  'admin-filters': '/admin/filters',
  'admin-reviews': '/admin/reviews',
  'admin-sessions': '/admin/sessions',
  'admin-commands': '/admin/commands',
  'admin-transfers': '/admin/transfers',
  'admin-audit': '/admin/audit',
  'admin-host-keys': '/admin/host-keys',
  'admin-tokens': '/admin/tokens',
  'admin-lockouts': '/admin/lockouts',
  'admin-authorities': '/admin/authorities',
  'admin-settings': '/admin/settings',
  'not-found': '/admin/no-such-page',
};
type Pages = Readonly<Record<string, string>>;

const apiOf = (bastion: Bastion) => createClient({ transport: socketTransport(join(bastion.data, 'admin.sock')) });

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await empty(browser);
  await full(browser);
} finally {
  await browser.close();
}
const pictures = readdirSync(out)
  .filter((name) => name.endsWith('.png'))
  .sort();
const cells = pictures.map(
  (name) => `<figure><a href="${name}"><img src="${name}" width="400"></a><figcaption>${name}</figcaption></figure>`,
);
writeFileSync(
  join(out, 'index.html'),
  `<meta charset="utf-8"><style>body{display:flex;flex-wrap:wrap;font:12px sans-serif}</style>${cells.join('\n')}`,
);
console.log(`${pictures.length} pictures in ${out}`);

async function empty(browser: Browser): Promise<void> {
  await using bastion = await startBastion();
  await apiOf(bastion).users.add({ ...ADMIN, role: 'admin' });
  await shoot(browser, bastion, 'empty', OUTSIDE, INSIDE);
}

async function full(browser: Browser): Promise<void> {
  const first = await startBastion();
  const { dir } = first;
  const key = await makeKey(dir, 'grace');
  const targetKey = await makeKey(dir, 'target');
  const sshd = await startSshd({ authorizedKeys: [targetKey.publicKey] });
  try {
    const api = apiOf(first);
    await api.users.add({
      ...ADMIN,
      role: 'admin',
      displayName: 'Grace Hopper',
      email: 'grace@example.com',
      groups: [],
    });
    await api.keys.add({ name: ADMIN.name, key: key.publicKey });
    await settle(api);
    await addTarget({ api, targetKey }, 'workbench', sshd, { folder: '/lab' });
    await api.permissions.add({
      name: 'grace',
      users: [ADMIN.name],
      folders: ['/'],
      accounts: ['@all'],
      actions: ['connect', 'upload', 'download', 'delete', 'copy', 'paste', 'share'],
    });
    await first.stop();
    remember(first.data);

    await using bastion = await startBastion({ dir });
    const args = bastion.sshArgs(`${ADMIN.name}@workbench`, key.file);
    const open = () => new Terminal('ssh', [...args.slice(0, -1), '-tt', args.at(-1)!], { cols: 100, rows: 30 });
    const ended = open();
    for (const line of ['ls -la /etc | head -20', 'echo 你好，世界', 'uname -a', 'exit']) {
      await ended.shows(PROMPT);
      ended.enter(line);
    }
    await ended.exit;
    using live = open();
    await live.shows(PROMPT);
    live.enter('ls --color=always /usr/bin | head -60 | column');
    await live.shows(PROMPT);
    const sessions = await eventually('a replay', async () => {
      const { items } = await apiOf(bastion).sessions.list({ asset: 'workbench' });
      return items.some(({ recording }) => recording === 'ready') ? items : undefined;
    });
    const past = sessions.find(({ recording }) => recording === 'ready')!.id;
    const running = sessions.find(({ state }) => state === 'live')!.id;
    const more = {
      'luna-terminal': `/luna?asset=workbench&account=${TEST_USER.name}`,
      files: `/files?asset=workbench&account=${TEST_USER.name}`,
      watch: `/watch/${running}`,
      replay: `/replay/${past}`,
      'admin-user': `/admin/users/${ADMIN.name}`,
      'admin-asset': '/admin/assets/workbench',
      'admin-permission': '/admin/permissions/operators%20everywhere',
      'admin-filter': '/admin/filters/nothing%20that%20ends%20machines',
    };
    await shoot(browser, bastion, 'full', OUTSIDE, { ...INSIDE, ...more });
  } finally {
    await sshd.stop();
    await first.stop();
  }
}

async function shoot(browser: Browser, bastion: Bastion, house: string, outside: Pages, inside: Pages): Promise<void> {
  const origin = `http://127.0.0.1:${bastion.httpPort}`;
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({
        viewport: { width, height: 860 },
        colorScheme: scheme,
        baseURL: origin,
      });
      await context.addInitScript(([key, value]) => localStorage.setItem(key!, value!), [
        'bastion-language',
        values.language,
      ] as const);
      await pages(context, outside, [house, scheme, String(width)]);
      const answer = await context.request.post('/api/v1/sign-in', {
        data: ADMIN,
        headers: { 'x-bastion-csrf': '1', origin },
      });
      if (!answer.ok()) throw new Error(`signing in failed: ${await answer.text()}`);
      await pages(context, inside, [house, scheme, String(width)]);
      await context.close();
    }
  }
}

async function pages(context: BrowserContext, list: Pages, labels: readonly string[]): Promise<void> {
  for (const [name, path] of Object.entries(list)) {
    const file = [name, ...labels, ...(values.language === 'en' ? [] : [values.language])].join('.');
    if (!file.includes(values.only)) continue;
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(`${file}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && console.log(`${file}: ${message.text()}`));
    await page.goto(path);
    // polling pages are never idle for good: what has come within two seconds is what a person sees, too
    await page.waitForLoadState('networkidle', { timeout: 4000 }).catch(() => {});
    await page.screenshot({ path: join(out, `${file}.png`) });
    await page.close();
  }
}

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../browser/kit.ts';
import { startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { type Row, rss } from './measure.ts';

const MB = 100;
const PERSON = { name: 'grace', password: 'seven quiet lighthouses' };

/** What a person feels of Luna: until something is there, and whether a flood of output drowns page or daemon. */
export async function pages(): Promise<Row[]> {
  await using house = await startHouse();
  await house.api.users.add({ ...PERSON });
  await house.api.permissions.add({ name: 'grace', users: [PERSON.name], folders: ['/'], accounts: ['@all'] });
  await using chromium = await startChromium();
  await using visit = await chromium.visit(house.bastion, { as: PERSON });
  const { page } = visit;

  const paints: number[] = [];
  const trees: number[] = [];
  for (let round = 0; round < 5; round++) {
    await page.goto('/luna', { waitUntil: 'commit' });
    await page.getByText('web1').first().waitFor();
    trees.push(await page.evaluate(() => performance.now()));
    paints.push(await firstPaint(page));
  }
  const cold = paints[0]!;
  const whole = (times: readonly number[]) => times.map((time) => time.toFixed(0)).join(', ');

  const dir = mkdtempSync(join(tmpdir(), 'bastion-bench-pages-'));
  await run('chmod', ['777', dir]);
  const [text, done] = [join(dir, 'text'), join(dir, 'done')];
  await run('bash', [
    '-c',
    `for i in 1 2 3 4 5 6 7 8 9; do ls -lR --color=always /usr/lib /usr/share; done 2>/dev/null | head -c ${MB}M >${text}`,
  ]);
  await page.goto(`/luna?asset=web1&account=${TEST_USER.name}`);
  const keys = page.locator('.xterm-helper-textarea');
  await keys.waitFor({ state: 'attached' });
  const { id } = await house.live();
  await eventually('a prompt', async () => (await house.api.sessions.show({ id })).bytesOut > 0 || undefined);
  await keys.focus();
  const renderer = await rendererOf(chromium.browser);
  const before = { daemon: rss(house.bastion.pid), page: rss(renderer) };
  let most = before;
  const started = performance.now();
  await page.keyboard.type(`cat ${text}; touch ${done}\n`);
  await eventually(
    'all of it to be drawn',
    async () => {
      most = {
        daemon: Math.max(most.daemon, rss(house.bastion.pid)),
        page: Math.max(most.page, rss(renderer)),
      };
      return existsSync(done) || undefined;
    },
    300_000,
  );
  const seconds = (performance.now() - started) / 1e3;
  rmSync(dir, { recursive: true, force: true });
  const grown = { daemon: most.daemon - before.daemon, page: most.page - before.page };
  return [
    {
      measure: 'first paint of Luna, nothing in the browser yet',
      goal: '≤ 1 s',
      reached: `${cold.toFixed(0)} ms`,
      met: cold <= 1000,
      detail: `again: ${whole(paints.slice(1))} ms; until the assets are there: ${whole(trees)} ms`,
    },
    {
      measure: `${MB} MB of coloured output drawn in a page: memory the daemon grew by`,
      goal: '≤ 64 MB',
      reached: `${grown.daemon.toFixed(0)} MB`,
      met: grown.daemon <= 64,
      detail: `the page's process grew by ${grown.page.toFixed(0)} MB to ${most.page.toFixed(0)} MB; ${(MB / seconds).toFixed(1)} MB/s, drawn without a graphics card`,
    },
    {
      measure: `${MB} MB of coloured output drawn in a page: memory the page grew by`,
      goal: '≤ 256 MB',
      reached: `${grown.page.toFixed(0)} MB`,
      met: grown.page <= 256,
      detail: `${seconds.toFixed(1)} s`,
    },
  ];
}

async function firstPaint(page: Page): Promise<number> {
  const paint = () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  return eventually('a first paint', paint);
}

/** The process that draws the page: the largest of its kind. */
async function rendererOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return renderers.sort((a, b) => rss(b) - rss(a))[0]!;
}

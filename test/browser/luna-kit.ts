import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from '../kit/process.ts';
import type { Chromium, Visit, VisitOptions } from './kit.ts';

/** The text of a terminal can be read only where it is drawn with elements: a browser without WebGL. */
export async function withoutGl({ context }: Visit): Promise<void> {
  await context.addInitScript(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind.startsWith('webgl') ? null : getContext.call(this, kind as '2d', ...(rest as []));
    } as typeof getContext;
  });
}

/** Luna of one person, with terminals that can be read. */
export async function openLuna(
  chromium: Chromium,
  bastion: Parameters<Chromium['visit']>[0],
  options: VisitOptions,
  path = '/luna',
): Promise<Visit> {
  const visit = await chromium.visit(bastion, options);
  await withoutGl(visit);
  await visit.page.goto(path);
  await visit.page.getByRole('tree').waitFor();
  return visit;
}

/** The panes of the tab in front. */
export const panes = (page: Page): Locator => page.locator('[data-pane]:visible');

/** What a pane shows, row by row. */
export async function rowsOf(pane: Locator): Promise<string[]> {
  const rows = await pane.locator('.xterm-rows > div').allTextContents();
  return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
}

/** Waits until a pane shows this. */
export async function shows(pane: Locator, pattern: RegExp): Promise<void> {
  let seen: string[] = [];
  await eventually(
    () => `${pattern} in\n${seen.join('\n')}`,
    async () => {
      seen = await rowsOf(pane);
      return pattern.test(seen.join('\n')) || undefined;
    },
  );
}

export const asset = (page: Page, name: string): Locator => page.getByRole('treeitem', { name, exact: true });

/** Opens an asset from the tree and waits for its prompt. */
export async function openTerminal(page: Page, name: string): Promise<Locator> {
  await asset(page, name).click();
  const pane = panes(page).first();
  await shows(pane, /bastion-test@\S+:~\$/);
  return pane;
}

/** Everything a terminal holds, with what scrolled away, by copying it. */
export async function copyAll(page: Page, pane: Locator): Promise<string> {
  await pane.locator('.xterm').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Select all' }).click();
  await pane.locator('.xterm').click({ button: 'right' });
  await page.getByRole('menuitem', { name: /^Copy/ }).click();
  await page.getByText('Copied').first().waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The way from the browser to the bastion, to be cut. */
export interface Wire extends AsyncDisposable {
  readonly httpPort: number;
  /** Everything that is open breaks, and nothing comes through until it is mended. */
  cut(): void;
  /** Cuts as soon as so many more bytes came from the bastion. */
  cutAfter(bytes: number): Promise<void>;
  mend(): void;
}

export async function startWire(to: number): Promise<Wire> {
  const open = new Set<Socket>();
  let broken = false;
  let left = Number.POSITIVE_INFINITY;
  let onCut = () => {};
  const cut = () => {
    broken = true;
    left = Number.POSITIVE_INFINITY;
    for (const socket of open) socket.destroy();
    onCut();
  };
  const server: Server = createServer((near) => {
    if (broken) return void near.destroy();
    const far = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      near.write(chunk);
      left -= chunk.length;
      if (left <= 0) cut();
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    httpPort: (server.address() as AddressInfo).port,
    cut,
    cutAfter: (bytes) =>
      new Promise((resolve) => {
        left = bytes;
        onCut = resolve;
      }),
    mend: () => {
      broken = false;
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The sentence about how a terminal ended. */
export async function endOf(pane: Locator): Promise<string> {
  const alert = pane.getByRole('alert');
  await alert.waitFor();
  const text = await alert.textContent();
  expect(text).not.toBeNull();
  return text!;
}

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CSRF_HEADER } from '../../src/api/contract/ws-limits.ts';
import type { Bastion } from '../kit/bastion.ts';

/** Debian's Chromium, one for a test file. */
export interface Chromium extends AsyncDisposable {
  readonly browser: Browser;
  /** A browser of one person, with cookies of its own. Dispose of it with `await using`: that is what tells of troubles. */
  visit(bastion: Pick<Bastion, 'httpPort'>, options?: VisitOptions): Promise<Visit>;
}

export interface VisitOptions {
  /** Signed in already, by name and password. */
  readonly as?: { readonly name: string; readonly password: string } | undefined;
  /** 1280 × 800 unless said otherwise. */
  readonly viewport?: { readonly width: number; readonly height: number } | undefined;
  readonly language?: 'en' | 'zh-CN' | undefined;
  readonly colorScheme?: 'light' | 'dark' | undefined;
  /** Troubles that belong to the test. */
  readonly expected?: readonly RegExp[] | undefined;
  readonly context?: BrowserContextOptions | undefined;
}

export interface Visit extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Origin of the pages. */
  readonly base: string;
  /** Another tab of the same person. */
  tab(): Promise<Page>;
  /**
   * What must not happen on any page: errors on the console, violations of the page's policy among them, exceptions,
   * failed answers other than refusals of the API, requests to anywhere else.
   */
  troubles(): string[];
}

export async function startChromium(): Promise<Chromium> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  return {
    browser,
    visit: (bastion, options = {}) => visit(browser, bastion, options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

export function baseOf(bastion: Pick<Bastion, 'httpPort'>): string {
  return `http://127.0.0.1:${bastion.httpPort}`;
}

/** Signs in as a page does and gives the cookie, as `NAME=VALUE`. Only for who needs no code. */
export async function signIn(base: string, name: string, password: string): Promise<string> {
  const response = await fetch(`${base}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [CSRF_HEADER]: '1', origin: base },
    body: JSON.stringify({ name, password }),
  });
  const answer = (await response.json()) as { state?: string };
  if (answer.state !== 'signed-in') throw new Error(`${name} is not signed in: ${JSON.stringify(answer)}`);
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

async function visit(browser: Browser, bastion: Pick<Bastion, 'httpPort'>, options: VisitOptions): Promise<Visit> {
  const base = baseOf(bastion);
  const context = await browser.newContext({
    baseURL: base,
    viewport: options.viewport ?? { width: 1280, height: 800 },
    locale: options.language ?? 'en',
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: 'reduce',
    ...options.context,
  });
  const troubles: string[] = [];
  watch(context, base, (text) => {
    if (!options.expected?.some((pattern) => pattern.test(text))) troubles.push(text);
  });
  if (options.as) {
    const [name, value] = (await signIn(base, options.as.name, options.as.password)).split('=') as [string, string];
    await context.addCookies([{ name, value, url: base, httpOnly: true, sameSite: 'Strict' }]);
  }
  return {
    context,
    page: await context.newPage(),
    base,
    tab: () => context.newPage(),
    troubles: () => [...troubles],
    async [Symbol.asyncDispose]() {
      await context.close();
      if (troubles.length > 0) throw new Error(`the pages had troubles:\n${troubles.join('\n')}`);
    },
  };
}

function watch(context: BrowserContext, base: string, trouble: (text: string) => void): void {
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    // A refusal is an answer like any other to a page, and Chromium writes each on the console
    const refused = /^Failed to load resource: the server responded with a status of 4\d\d /.test(message.text());
    if (refused && url.startsWith(`${base}/api/v1/`)) return;
    trouble(`console: ${message.text()} (${url})`);
  });
  context.on('weberror', (error) => trouble(`exception: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(?:https?|wss?):$/.test(url.protocol) && url.host !== new URL(base).host) trouble(`request to ${url.origin}`);
  });
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      const { host } = new URL(socket.url());
      if (host !== new URL(base).host) trouble(`WebSocket to ${host}`);
    });
  });
}

import { text } from 'node:stream/consumers';
import { URI } from 'otpauth';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { type Chromium, startChromium } from './kit.ts';

const PASSWORD = 'three blind mice run';

let chromium: Chromium;
let bastion: Bastion;
let api: ReturnType<typeof createClient>;
beforeAll(async () => {
  [chromium, bastion] = await Promise.all([
    startChromium(),
    startBastion({ config: { auth: { lockout: { tries: 3 } } } }),
  ]);
  api = createClient({ transport: socketTransport(`${bastion.data}/admin.sock`) });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await bastion?.[Symbol.asyncDispose]();
});

async function password(page: Page, name: string, text = PASSWORD): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
const code = (page: Page) => page.getByLabel('Code', { exact: true });

describe('the set-up link', () => {
  test('makes the first administrator, who is signed in and sets up verification codes', async () => {
    const [link] = /http:\S+\/setup#bsl_\S+/.exec(bastion.greeting())!;
    await using visit = await chromium.visit(bastion);
    const { page } = visit;
    await page.goto(link);
    await page.getByRole('heading', { name: 'Make the first administrator' }).waitFor();
    // the token is gone from the address as soon as the page has it
    expect(new URL(page.url()).hash).toBe('');
    await page.getByLabel('User name').fill('grace');
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByText('5 more to go').waitFor();
    await page.getByLabel('New password', { exact: true }).fill('password123');
    await page.getByLabel('Repeat the new password').fill('password123');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('one of the first passwords that are tried').waitFor();
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Repeat the new password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the account' }).click();

    await page.getByRole('button', { name: 'Set up verification codes' }).click();
    await page.waitForURL('**/profile/two-factor');
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByLabel('Current password').fill('wrong');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Your current password is not right').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    const secret = (await page.getByText(/^(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent())!;
    const totp = URI.parse(`otpauth://totp/x?secret=${secret.replaceAll(' ', '')}`);
    await page.getByLabel('Code that the app shows now').fill(totp.generate());
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Keep your recovery codes').waitFor();
    const codes = await page.getByText(/^(?:[0-9a-z]{4}-){3}[0-9a-z]{4}$/).allTextContents();
    expect(codes).toHaveLength(10);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(await text(await download.createReadStream())).toContain(codes.join('\n'));
    await page.getByLabel('I have kept them').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Signing in asks for a code').waitFor();
    expect(await api.users.show({ name: 'grace' })).toMatchObject({ role: 'admin', totpEnabled: true });

    // the link works once
    await using again = await chromium.visit(bastion);
    await again.page.goto(link);
    await again.page.getByText('This link does not work (any more)').waitFor();
  });
});

describe('signing in', () => {
  test('with a code comes back to where one wanted to go, and a recovery code does instead', async () => {
    await api.users.add({ name: 'tom', password: PASSWORD });
    const { uri } = await api.totp.begin({ name: 'tom' });
    const totp = URI.parse(uri);
    const { recoveryCodes } = await api.totp.confirm({ name: 'tom', code: totp.generate() });

    await using visit = await chromium.visit(bastion);
    const { page } = visit;
    await page.goto('/profile/keys?x=1');
    await page.waitForURL('**/login?next=*');
    await password(page, 'tom');
    await code(page).waitFor();
    await code(page).fill('00000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('That code is not right').waitFor();
    // the code of now was used up by its confirmation; six digits go by themselves
    await code(page).fill(totp.generate({ timestamp: Date.now() + 30_000 } as never));
    await page.waitForURL('**/profile/keys?x=1');
    const [cookie] = await visit.context.cookies();
    expect(cookie).toMatchObject({ name: 'bastion_session', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate(() => document.cookie)).toBe('');

    await using other = await chromium.visit(bastion);
    await other.page.goto('/login');
    await password(other.page, 'tom');
    await other.page.getByRole('button', { name: 'Use a recovery code instead' }).click();
    await other.page.getByLabel('Recovery code').fill(recoveryCodes[0]!.toUpperCase());
    await other.page.getByRole('button', { name: 'Continue' }).click();
    await other.page.waitForURL((url) => url.pathname !== '/login');
  });

  test('leads to no page of somebody else', async () => {
    await api.users.add({ name: 'nina', password: PASSWORD });
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/login', 'javascript:alert(1)']) {
      await using visit = await chromium.visit(bastion);
      const { page } = visit;
      await page.goto(`/login?next=${encodeURIComponent(next)}`);
      await password(page, 'nina');
      await page.waitForURL((url) => url.pathname === '/luna');
      expect(new URL(page.url()).host).toBe(new URL(visit.base).host);
    }
  });

  test('with a wrong password says so, and after too many of them says that as well', async () => {
    await api.users.add({ name: 'walter', password: PASSWORD });
    await using visit = await chromium.visit(bastion);
    const { page } = visit;
    await page.goto('/login');
    for (let i = 0; i < 3; i++) {
      await password(page, 'walter', `guess ${i}`);
      await page.getByRole('alert').getByText('Name or password is not right').waitFor();
      await page.getByLabel('Password', { exact: true }).waitFor();
    }
    await password(page, 'walter');
    await page.getByRole('alert').getByText('Too many wrong tries').waitFor();
  });

  test('without a network says so', async () => {
    await using visit = await chromium.visit(bastion, { expected: [/ERR_INTERNET_DISCONNECTED/] });
    const { page } = visit;
    await page.goto('/login');
    await page.getByLabel('User name').waitFor();
    await visit.context.setOffline(true);
    await password(page, 'nina');
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
  });

  test('speaks Chinese to who speaks Chinese', async () => {
    await using visit = await chromium.visit(bastion, { language: 'zh-CN' });
    await visit.page.goto('/login');
    await visit.page.getByRole('heading', { name: '登录' }).waitFor();
    await visit.page.getByLabel('用户名').fill('nina');
    await visit.page.getByLabel('密码', { exact: true }).fill('wrong');
    await visit.page.getByRole('button', { name: '登录' }).click();
    await visit.page.getByRole('alert').getByText('用户名或密码不正确').waitFor();
  });
});

describe('an invitation', () => {
  test('sets a password and a key, and refuses a private one', async () => {
    const { invite } = await api.users.add({ name: 'ivan' });
    expect(invite!.url).toBe(`http://127.0.0.1:${bastion.httpPort}/invite#${invite!.token}`);
    await using visit = await chromium.visit(bastion);
    const { page } = visit;
    await page.goto(invite!.url!);
    await page.getByRole('heading', { name: 'Welcome, ivan' }).waitFor();
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Repeat the new password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Add an SSH public key as well' }).click();
    const key = page.getByLabel('SSH public key (optional)');
    await key.fill('-----BEGIN OPENSSH PRIVATE KEY-----');
    await page.getByText('This is a private key').waitFor();
    expect(await page.getByRole('button', { name: 'Save and sign in' }).isDisabled()).toBe(true);
    await key.fill('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9Gn1hU6vRZ9b2lVHzCYJDnBFEvNfN5ZVCuLJ7rBOtv ivan@laptop');
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.waitForURL('**/luna');
    await page.goto('/profile/keys');
    await page.getByText('ivan@laptop').waitFor();
    await page.getByRole('button', { name: 'Add a key' }).click();
    const more = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXJIMS9ixjvM1A4Jz2C3O0jZVQ8bJz3Kf1bq0Oe6l1S ivan@desk';
    await page.getByLabel('SSH public key').fill(more);
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('dialog').getByRole('button', { name: 'Add a key' }).click();
    await page.getByText('ivan@desk').waitFor();
  });
});

describe('signed-in browsers', () => {
  test('are listed, and one signed out elsewhere has to sign in again', async () => {
    await api.users.add({ name: 'olga', password: PASSWORD });
    const as = { name: 'olga', password: PASSWORD };
    await using desk = await chromium.visit(bastion, { as });
    await using phone = await chromium.visit(bastion, { as });
    await phone.page.goto('/profile/account');
    await phone.page.getByText('This browser stays signed in').waitFor();
    await desk.page.goto('/profile/sign-ins');
    await desk.page.getByText('this one').waitFor();
    expect(await desk.page.getByRole('button', { name: 'Sign out', exact: true }).count()).toBe(1);
    await desk.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere else' }).click();
    await desk.page.getByText('One other browser is signed out').waitFor();
    await desk.page.getByText('You are signed in nowhere else').waitFor();
    await phone.page.reload();
    await phone.page.waitForURL('**/login?next=*');
  });

  test('sign out, and going back shows nothing', async () => {
    await using visit = await chromium.visit(bastion, { as: { name: 'olga', password: PASSWORD } });
    const { page } = visit;
    await page.goto('/profile/account');
    await page.getByRole('button', { name: 'Account of olga' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/login');
    await page.goBack();
    await page.waitForURL('**/login?next=*');
    expect(await visit.context.cookies()).toEqual([]);
  });
});

describe('tokens', () => {
  test('are made for a script, shown once, and taken back', async () => {
    await using visit = await chromium.visit(bastion, { as: { name: 'olga', password: PASSWORD } });
    const { page } = visit;
    await page.goto('/profile/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('What it is for').fill('nightly');
    await page.getByLabel('Current password').fill('not this one');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Your current password is not right').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create' }).click();
    const secret = (await page.getByText(/^bst_[\w-]{43}$/).textContent())!;
    await page.getByRole('button', { name: 'Done' }).click();
    const asScript = () =>
      fetch(`${visit.base}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } }).then(({ status }) => status);
    expect(await asScript()).toBe(200);
    await page.getByText('nightly').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No token yet').waitFor();
    expect(await asScript()).toBe(401);
  });
});

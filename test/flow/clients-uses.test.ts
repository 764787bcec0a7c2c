// What clients do besides trees: go on with half a file, a mounted directory, commands and shells of other libraries.

import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Form, type FormName, formsOf } from '../kit/client-forms.ts';
import { CLIENT_ENV, CLIENTS, conformance, mounted, paramikoDo, place, puttyArgs } from '../kit/clients.ts';
import { sha256OfFile } from '../kit/hash.ts';
import { type House, startHouse } from '../kit/house.ts';
import { run } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';

let house: House;
let forms: Record<FormName, Form>;
let root: string;
let whole: string;
const BIG = 64 * 1024 * 1024;

beforeAll(async () => {
  house = await startHouse();
  forms = await formsOf(house);
  root = mkdtempSync(join(tmpdir(), 'bastion-uses-'));
  chmodSync(root, 0o755);
  whole = join(root, 'whole');
  writeFileSync(whole, randomBytes(BIG));
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  if (root) rmSync(root, { recursive: true, force: true });
});

const transfersOf = async (path: string) =>
  (await house.api.transfers.list({ limit: 200 })).items.filter((item) => item.path === path);

describe.each(CLIENTS.filter(({ resume }) => resume))('half a file, and the rest of it: $name', (client) => {
  const half = async (dir: string) => {
    const file = join(dir, 'whole');
    cpSync(whole, file);
    truncateSync(file, BIG / 2);
    await run('chown', [TEST_USER.name, file]);
    return file;
  };
  const forms_ = client.forms.filter((form) => form === 'named' || form === 'tree');

  test.each(forms_)('in the form %s', async (name) => {
    const form = forms[name];
    const { put, get } = client.resume!;
    const near = await half(await place(root, 'near'));
    const got = await get(form, whole, join(near, '..'));
    expect(got.code, got.stderr).toBe(0);
    expect(sha256OfFile(near)).toBe(sha256OfFile(whole));
    if (put) {
      const far = await half(await place(root, 'far', TEST_USER.name));
      const sent = await put(form, whole, join(far, '..'));
      expect(sent.code, sent.stderr).toBe(0);
      expect(sha256OfFile(far)).toBe(sha256OfFile(whole));
      // what passed is a part of the file, and the row says so
      if (client.sftp) expect(await transfersOf(far)).toMatchObject([{ bytes: BIG / 2, partial: true, result: 'ok' }]);
      rmSync(far);
    }
    rmSync(near);
  });
});

describe('sshfs', () => {
  test.each(['named', 'jump', 'tree'] as const)('is a file system like any other, in the form %s', async (name) => {
    const far = await place(root, 'far', TEST_USER.name);
    await mounted(forms[name], async (mount) => {
      const at = (file: string) => `${mount}${far}/${file}`;
      cpSync(whole, at('copy'));
      expect(sha256OfFile(join(far, 'copy'))).toBe(sha256OfFile(whole));
      renameSync(at('copy'), at('moved'));
      truncateSync(at('moved'), 1000);
      appendFileSync(at('moved'), 'and more');
      const content = Buffer.concat([readFileSync(whole).subarray(0, 1000), Buffer.from('and more')]);
      expect(readFileSync(join(far, 'moved')).equals(content)).toBe(true);
      chmodSync(at('moved'), 0o640);
      expect(statSync(join(far, 'moved')).mode & 0o777).toBe(0o640);
      // df: in the tree there is no disk of one's own, but below an account
      if (name !== 'tree') expect(statfsSync(`${mount}${far}`).blocks).toBeGreaterThan(0);
      unlinkSync(at('moved'));
      expect(existsSync(join(far, 'moved'))).toBe(false);
    });
  });
});

describe('paramiko', () => {
  test.each(['named', 'jump'] as const)('runs commands and shells, in the form %s', async (name) => {
    const command = 'cat; echo to stderr >&2; exit 5';
    const exec = await paramikoDo(forms[name], { do: 'exec', command, stdin: 'grüße' });
    expect(exec).toMatchObject({ code: 5, stdout: 'grüße', stderr: 'to stderr\n' });
    const shell = await paramikoDo(forms[name], { do: 'shell', command: 'echo $((6 * 7)); stty size' });
    expect(shell.code, shell.stderr).toBe(7);
    expect(shell.stdout).toMatch(/^42\r$/m);
    expect(shell.stdout).toMatch(/^30 100\r$/m);
  });
});

describe('plink', () => {
  test.each(['named', 'jump'] as const)('runs commands, in the form %s', async (name) => {
    const form = forms[name];
    const args = [...puttyArgs(form), form.host, 'cat; echo to stderr >&2; exit 5'];
    const result = await run('plink', args, { env: CLIENT_ENV, stdin: 'grüße' });
    expect(result.stdout).toBe('grüße');
    expect(result.code, result.stderr).toBe(5);
    expect(result.stderr).toContain('to stderr');
  });
});

test('docs/CONFORMANCE.md has every client and form that is tested, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/CONFORMANCE.md'), 'utf8');
  expect(page).toContain(conformance());
});

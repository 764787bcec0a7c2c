// What a client says, and what becomes of files, when a person may not send or not fetch them.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Form, type FormName, formsOf } from '../kit/client-forms.ts';
import { CLIENTS, place } from '../kit/clients.ts';
import { contents, manifest } from '../kit/file-tree.ts';
import { type House, startHouse } from '../kit/house.ts';
import { TEST_USER } from '../kit/sshd.ts';

let house: House;
let root: string;
const forms: Record<'reader' | 'writer', Record<FormName, Form>> = {} as never;
const CONTENT = Buffer.alloc(100_000, 'what must not go where it may not\n');

beforeAll(async () => {
  house = await startHouse();
  root = mkdtempSync(join(tmpdir(), 'bastion-rights-'));
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'tree'));
  writeFileSync(join(root, 'tree', 'file'), CONTENT);
  for (const [name, action] of [
    ['reader', 'download'],
    ['writer', 'upload'],
  ] as const) {
    const key = await house.addUser(name);
    const actions = ['connect', action] as const;
    await house.api.permissions.add({ name, users: [name], folders: ['/'], accounts: ['@all'], actions: [...actions] });
    forms[name] = await formsOf(house, name, key);
  }
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  if (root) rmSync(root, { recursive: true, force: true });
});

/** Files with something in them, below a directory. */
const filled = (dir: string) => Object.entries(contents(manifest(dir))).filter(([, entry]) => !entry.startsWith('0 '));

describe.each(CLIENTS)('$name', (client) => {
  test.each(client.forms.filter((form) => form !== 'direct'))('in the form %s', async (name) => {
    const source = client.trees ? 'tree' : 'tree/file';
    const far = await place(root, 'far', TEST_USER.name);
    const near = await place(root, 'near');
    const sent = await client.put(forms.reader[name], join(root, source), far);
    expect(sent.code, sent.stderr).not.toBe(0);
    expect(readdirSync(far), sent.stderr).toEqual([]);

    const fetched = await client.get(forms.writer[name], join(root, source), near);
    // PuTTY's scp takes a server that ends at once for one that has nothing to send
    if (client.name !== 'pscp -scp') expect(fetched.code, fetched.stderr).not.toBe(0);
    expect(filled(near), fetched.stderr).toEqual([]);

    // and it is this right alone that was missing
    const nearer = await place(root, 'near');
    const allowed = await client.get(forms.reader[name], join(root, source), nearer);
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(filled(nearer)).toHaveLength(1);
  });
});

// A tree there and back with every client in every form: what arrives, and how the client ends, must be as on a direct
// connection. ./clients-uses.test.ts has what else clients do.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Form, type FormName, formsOf } from '../kit/client-forms.ts';
import { CLIENTS, type Client, place } from '../kit/clients.ts';
import { contents, makeTree, manifest } from '../kit/file-tree.ts';
import { type House, startHouse } from '../kit/house.ts';
import { TEST_USER } from '../kit/sshd.ts';

let house: House;
let forms: Record<FormName, Form>;
let root: string;

beforeAll(async () => {
  house = await startHouse();
  forms = await formsOf(house);
  root = mkdtempSync(join(tmpdir(), 'bastion-trees-'));
  chmodSync(root, 0o755);
  makeTree(join(root, 'plain', 'tree'), { big: 2 * 1024 * 1024 });
  makeTree(join(root, 'odd', 'tree'), { big: 2 * 1024 * 1024, oddest: true });
  mkdirSync(join(root, 'single'));
  writeFileSync(join(root, 'single', 'tree'), Buffer.alloc(300_000, 'a file, and not a tree\n'));
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  if (root) rmSync(root, { recursive: true, force: true });
});

const sourceOf = (client: Client) => join(root, client.trees ? (client.oddest ? 'odd' : 'plain') : 'single', 'tree');

async function thereAndBack(client: Client, form: Form) {
  const far = await place(root, 'far', TEST_USER.name);
  const near = await place(root, 'near');
  const there = await client.put(form, sourceOf(client), far);
  const arrived = manifest(far);
  const back = await client.get(form, join(far, 'tree'), near);
  const returned = manifest(near);
  for (const dir of [far, near]) rmSync(dir, { recursive: true, force: true });
  return { there: there.code, arrived, back: back.code, returned, said: there.stderr + back.stderr };
}

describe.each(CLIENTS)('$name', (client) => {
  let direct: Awaited<ReturnType<typeof thereAndBack>>;
  beforeAll(async () => {
    direct = await thereAndBack(client, forms.direct);
  });

  test('carries the tree where it is used without a bastion', () => {
    const sent = contents(manifest(join(sourceOf(client), '..')));
    // some follow links, and have more
    expect(contents(direct.arrived), direct.said).toMatchObject(sent);
    expect(contents(direct.returned), direct.said).toMatchObject(sent);
  });

  test.each(client.forms.filter((form) => form !== 'direct'))('in the form %s', async (form) => {
    const { said, ...found } = await thereAndBack(client, forms[form]);
    const { said: _, ...expected } = direct;
    expect(found, said).toEqual(expected);
  });
});

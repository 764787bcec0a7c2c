import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransferView } from '../../src/api/contract/commands.ts';
import type { BastionOptions } from './bastion.ts';
import { sha256 } from './hash.ts';
import { type House, startHouse } from './house.ts';
import { eventually } from './process.ts';
import type { KeyPair, SshdOptions } from './sshd.ts';

type Rights = 'all' | 'upload' | 'download' | 'none';

/** A house whose people may move files in one direction each, and two directories for what they move. */
export interface TransferHouse extends AsyncDisposable {
  readonly house: House;
  /** Here, and there as everybody on the target may write. */
  readonly here: string;
  readonly there: string;
  /** `alice@web1` and the like, by what that person may do. */
  login(rights?: Rights): string;
  /** ssh's own arguments without the login, e.g. for GIT_SSH_COMMAND. */
  flags(rights?: Rights): readonly string[];
  /** The rows of transfers, the oldest first, once there are that many. */
  rows(count: number): Promise<TransferView[]>;
  /** The number of rows there are now: `rows` counts from here on. */
  mark(): Promise<void>;
}

export async function startTransferHouse(
  options: BastionOptions & { sshd?: SshdOptions } = {},
): Promise<TransferHouse> {
  const house = await startHouse(options);
  const [here, there] = await Promise.all([
    mkdtemp(join(tmpdir(), 'bastion-here-')),
    mkdtemp(join(tmpdir(), 'bastion-there-')),
  ]);
  await Promise.all([chmod(here, 0o755), chmod(there, 0o777)]);
  const keys: Record<Rights, KeyPair> = {
    all: house.key,
    upload: await house.addUser('upload'),
    download: await house.addUser('download'),
    none: await house.addUser('none'),
  };
  for (const name of ['upload', 'download', 'none'] as const) {
    const actions = name === 'none' ? (['connect'] as const) : (['connect', name] as const);
    await house.api.permissions.add({ name, users: [name], folders: ['/'], accounts: ['@all'], actions: [...actions] });
  }
  let marked = 0;
  const all = async () => (await house.api.transfers.list({ limit: 500 })).items.toReversed();
  return {
    house,
    here,
    there,
    login: (rights = 'all') => `${rights === 'all' ? 'alice' : rights}@web1`,
    flags: (rights = 'all') => house.bastion.sshArgs('x', keys[rights].file).slice(0, -1),
    rows: (count) =>
      eventually(`${count} transfers`, async () => {
        const items = (await all()).slice(marked);
        return items.length >= count ? items : undefined;
      }),
    async mark() {
      marked = (await all()).length;
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await Promise.all([rm(here, { recursive: true, force: true }), rm(there, { recursive: true, force: true })]);
    },
  };
}

/** Name and hash of each file below a directory. */
export async function filesBelow(dir: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(dir.length + 1)] = sha256(await readFile(path));
  }
  return files;
}

/** A directory that everybody may write to. */
export async function openDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
  return path;
}

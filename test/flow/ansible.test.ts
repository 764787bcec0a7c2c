import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { type RunResult, run } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { openDirectory, startTransferHouse, type TransferHouse } from '../kit/transfers.ts';

/** ansible through the bastion: its address instead of the target's, and `user@account@asset` as the user. */
let at: TransferHouse;
let control: string;
let bytes: Buffer;

beforeAll(async () => {
  at = await startTransferHouse();
  // the path of a Unix socket is short
  control = await mkdtemp('/tmp/ac-');
  bytes = randomBytes(300_000);
  await writeFile(join(at.here, 'file'), bytes);
  await writeFile(
    join(at.here, 'template.j2'),
    'on {{ ansible_facts.system }} as {{ ansible_facts.user_id }}: {{ word }}\n',
  );
  await writeFile(join(at.here, 'play.yml'), PLAY);
}, 60_000);
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await rm(control, { recursive: true, force: true });
});
beforeEach(() => at.mark());

const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
    - setup: {gather_subset: [min]}
    - copy: {src: "{{ here }}/file", dest: "{{ there }}/copied"}
    - template: {src: "{{ here }}/template.j2", dest: "{{ there }}/told"}
    - command: sha256sum {{ there }}/copied
      register: sum
    - shell: "echo out; echo err >&2; exit 3"
      register: shell
      failed_when: shell.rc != 3 or shell.stdout != 'out' or shell.stderr != 'err'
    - fetch: {src: "{{ there }}/copied", dest: "{{ here }}/fetched-{{ mode }}", flat: true}
    - assert: {that: ["sum.stdout.startswith(hash)"]}
`;

type Rights = Parameters<TransferHouse['login']>[0];

async function play(
  mode: string,
  env: Record<string, string>,
  rights: Rights = 'all',
): Promise<RunResult & { there: string }> {
  const there = await openDirectory(join(at.there, mode));
  const inventory = join(at.here, `inventory-${mode}`);
  const user = `${rights === 'all' ? 'alice' : rights}@${TEST_USER.name}@web1`;
  const key = at.flags(rights)[at.flags(rights).indexOf('-i') + 1];
  await writeFile(
    inventory,
    [
      `web1 ansible_host=127.0.0.1 ansible_port=${at.house.bastion.sshPort} ansible_user=${user}`,
      `ansible_ssh_private_key_file=${key} ansible_python_interpreter=/usr/bin/python3`,
      "ansible_ssh_common_args='-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'",
    ].join(' '),
  );
  const more = { here: at.here, there, mode, word: 'ünï', hash: sha256(bytes) };
  const result = await run(
    'ansible-playbook',
    ['-i', inventory, '-e', JSON.stringify(more), join(at.here, 'play.yml')],
    {
      env: {
        ...process.env,
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: at.here,
        ANSIBLE_LOCALHOST_WARNING: 'False',
        ANSIBLE_NOCOLOR: '1',
        ANSIBLE_SSH_CONTROL_PATH_DIR: control,
        ANSIBLE_RETRIES: '0',
        LC_ALL: 'C.UTF-8',
        ...env,
      },
    },
  );
  return { ...result, there };
}

describe('a playbook', () => {
  test.each<[string, Record<string, string>]>([
    ['default', {}],
    ['pipelining', { ANSIBLE_PIPELINING: 'True' }],
    ['no-multiplexing', { ANSIBLE_SSH_ARGS: '-o ControlMaster=no -C' }],
    ['scp', { ANSIBLE_SSH_TRANSFER_METHOD: 'scp', ANSIBLE_SCP_EXTRA_ARGS: '-O' }],
    ['piped', { ANSIBLE_SSH_TRANSFER_METHOD: 'piped' }],
  ])(
    '%s',
    async (mode, env) => {
      const result = await play(mode, env);
      expect(result.code, result.stdout + result.stderr).toBe(0);
      expect(result.stdout).toMatch(/web1 +: ok=7 +changed=[45] +unreachable=0 +failed=0/);
      expect(sha256(await readFile(join(result.there, 'copied')))).toBe(sha256(bytes));
      expect(await readFile(join(result.there, 'told'), 'utf8')).toBe(`on Linux as ${TEST_USER.name}: ünï\n`);
      expect(sha256(await readFile(join(at.here, `fetched-${mode}`)))).toBe(sha256(bytes));
      // what goes through dd is a command like any other; what is fetched may come inside an answer of a module
      if (mode === 'piped') return;
      const rows = await at.rows(2);
      const method = mode === 'scp' ? 'scp' : 'sftp';
      expect(rows.find((row) => row.sha256 === sha256(bytes))).toMatchObject({
        method,
        direction: 'upload',
        result: 'ok',
      });
      expect(rows.every((row) => row.method === method && row.result === 'ok')).toBe(true);
    },
    90_000,
  );

  test('without the right to upload it fails, and nothing is there', async () => {
    const result = await play('denied', { ANSIBLE_SSH_TRANSFER_METHOD: 'scp', ANSIBLE_SCP_EXTRA_ARGS: '-O' }, 'none');
    expect(result.code).not.toBe(0);
    expect(result.stdout).toMatch(/You may not upload to web1/);
    expect(existsSync(join(result.there, 'copied'))).toBe(false);
    expect(await at.rows(1)).toMatchObject([{ method: 'scp', direction: 'upload', result: 'denied' }]);
  }, 90_000);
});

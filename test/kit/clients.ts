import { spawn } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Form, FormName } from './client-forms.ts';
import { finished, type RunResult, run } from './process.ts';

/** The system's own python, which has Debian's modules. */
export const PYTHON = '/usr/bin/python3';

/** What a started client is, until it ends. */
export type Transfer = Promise<RunResult>;

/** A program that carries files. Both ways the last part of the name is kept: `/a/b` to `/c` makes `/c/b`. */
export interface Client {
  readonly name: string;
  /** It speaks SFTP, so that the tree is for it, too. */
  readonly sftp: boolean;
  readonly forms: readonly FormName[];
  /** It sends directories, and takes names that are no UTF-8 or have line breaks. */
  readonly trees: boolean;
  readonly oddest: boolean;
  put(form: Form, local: string, remoteDir: string): Transfer;
  get(form: Form, remote: string, localDir: string): Transfer;
  /** Goes on with what is there of the file. */
  readonly resume?: {
    put?(form: Form, local: string, remoteDir: string): Transfer;
    get(form: Form, remote: string, localDir: string): Transfer;
  };
}

const ALL = ['direct', 'named', 'jump', 'tree'] as const;
const NOT_TREE = ['direct', 'named', 'jump'] as const;
const NOT_JUMP = ['direct', 'named', 'tree'] as const;

/** Clients without the test's own environment: no agent, no configuration of the machine. */
export const CLIENT_ENV: NodeJS.ProcessEnv = {
  TERM: 'xterm',
  LANG: 'C.UTF-8',
  PATH: process.env.PATH,
  HOME: '/nonexistent',
};
const call = (file: string, args: readonly string[], stdin = '') => run(file, args, { env: CLIENT_ENV, stdin });

const at = (form: Form, path: string) => form.root + path;
const remote = (form: Form, path: string) => `${form.name}:${at(form, path)}`;
const ssh = (form: Form) => `ssh -F ${form.config}`;
const same = (dir: string, path: string) => join(dir, basename(path));

const sftp = (form: Form, batch: string) => call('sftp', ['-q', '-F', form.config, '-b', '-', form.name], `${batch}\n`);

const openssh: readonly Client[] = [
  {
    name: 'sftp',
    sftp: true,
    forms: ALL,
    trees: true,
    oddest: true,
    put: (form, local, dir) => sftp(form, `put -rp "${local}" "${at(form, dir)}/"`),
    get: (form, path, dir) => sftp(form, `get -rp "${at(form, path)}" "${dir}/"`),
    resume: {
      put: (form, local, dir) => sftp(form, `reput "${local}" "${at(form, same(dir, local))}"`),
      get: (form, path, dir) => sftp(form, `reget "${at(form, path)}" "${same(dir, path)}"`),
    },
  },
  {
    name: 'scp',
    sftp: true,
    forms: ALL,
    trees: true,
    oddest: true,
    put: (form, local, dir) => call('scp', ['-q', '-F', form.config, '-rp', local, `${remote(form, dir)}/`]),
    get: (form, path, dir) => call('scp', ['-q', '-F', form.config, '-rp', remote(form, path), `${dir}/`]),
  },
  {
    name: 'scp -O',
    sftp: false,
    forms: NOT_TREE,
    trees: true,
    oddest: false,
    put: (form, local, dir) => call('scp', ['-O', '-q', '-F', form.config, '-rp', local, `${remote(form, dir)}/`]),
    get: (form, path, dir) => call('scp', ['-O', '-q', '-F', form.config, '-rp', remote(form, path), `${dir}/`]),
  },
  {
    name: 'rsync',
    sftp: false,
    forms: NOT_TREE,
    trees: true,
    oddest: true,
    put: (form, local, dir) => call('rsync', ['-a', '-e', ssh(form), local, `${remote(form, dir)}/`]),
    get: (form, path, dir) => call('rsync', ['-a', '-e', ssh(form), remote(form, path), `${dir}/`]),
    resume: {
      put: (form, local, dir) =>
        call('rsync', ['-a', '--append-verify', '-e', ssh(form), local, `${remote(form, dir)}/`]),
      get: (form, path, dir) =>
        call('rsync', ['-a', '--append-verify', '-e', ssh(form), remote(form, path), `${dir}/`]),
    },
  },
  {
    name: 'tar',
    sftp: false,
    forms: NOT_TREE,
    trees: true,
    oddest: true,
    put: (form, local, dir) =>
      piped(
        ['tar', '-C', dirname(local), '-cf', '-', basename(local)],
        ['ssh', '-F', form.config, form.name, 'tar', '-C', dir, '-xpf', '-'],
      ),
    get: (form, path, dir) =>
      piped(
        ['ssh', '-F', form.config, form.name, 'tar', '-C', dirname(path), '-cf', '-', basename(path)],
        ['tar', '-C', dir, '-xpf', '-'],
      ),
  },
];

const lftpScript = (form: Form, command: string) =>
  call('lftp', [
    '--norc',
    '-c',
    [
      'set cmd:fail-exit yes',
      'set net:max-retries 1',
      'set net:reconnect-interval-base 1',
      'set net:timeout 20',
      'set sftp:auto-confirm yes',
      `set sftp:connect-program "ssh -a -x -F ${form.config}"`,
      `open sftp://${form.name}`,
      command,
    ].join('; '),
  ]);

/** Of either side: both are on this machine. */
const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const lftp: Client = {
  name: 'lftp',
  sftp: true,
  forms: ALL,
  trees: true,
  oddest: true,
  put: (form, local, dir) => {
    const command = isDirectory(local) ? `mirror -R --no-perms "${local}"` : `put "${local}" -o`;
    return lftpScript(form, `${command} "${at(form, same(dir, local))}"`);
  },
  get: (form, path, dir) => {
    const command = isDirectory(path) ? 'mirror --no-perms' : 'get';
    const to = isDirectory(path) ? '' : '-o ';
    return lftpScript(form, `${command} "${at(form, path)}" ${to}"${same(dir, path)}"`);
  },
  resume: {
    put: (form, local, dir) => lftpScript(form, `put -c "${local}" -o "${at(form, same(dir, local))}"`),
    get: (form, path, dir) => lftpScript(form, `get -c "${at(form, path)}" -o "${same(dir, path)}"`),
  },
};

/** What `paramiko-client.py` is told besides the form. */
export function paramikoDo(form: Form, what: Record<string, string>): Transfer {
  const { host, port, user, key, jump } = form;
  const order = JSON.stringify({ host, port, user, key: key.file, jump, ...what });
  return call(PYTHON, [join(import.meta.dirname, 'paramiko-client.py'), order]);
}

const paramiko: Client = {
  name: 'paramiko',
  sftp: true,
  forms: ALL,
  trees: true,
  oddest: false,
  put: (form, local, dir) => paramikoDo(form, { do: 'put', from: local, to: at(form, same(dir, local)) }),
  get: (form, path, dir) => paramikoDo(form, { do: 'get', from: at(form, path), to: same(dir, path) }),
};

/** The options of PuTTY’s tools up to the host; OpenSSH carries them through the jump. */
export function puttyArgs(form: Form): string[] {
  const { putty, port, user, jump, config } = form;
  const proxy = jump ? ['-proxycmd', `ssh -F ${config} -W ${form.host}:${port} ${jump.alias}`] : [];
  return [
    '-batch',
    '-i',
    putty.key,
    ...putty.hostKeys.flatMap((key) => ['-hostkey', key]),
    ...proxy,
    '-P',
    String(port),
    '-l',
    user,
  ];
}

async function psftpScript(form: Form, command: string): Transfer {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-psftp-'));
  const file = join(dir, 'batch');
  writeFileSync(file, `${command}\nquit\n`);
  const result = await call('psftp', [...puttyArgs(form), '-b', file, form.host]);
  rmSync(dir, { recursive: true });
  return result;
}

const putty: readonly Client[] = [
  {
    name: 'psftp',
    sftp: true,
    forms: ALL,
    trees: true,
    oddest: true,
    put: (form, local, dir) => psftpScript(form, `put -r "${local}" "${at(form, same(dir, local))}"`),
    get: (form, path, dir) => psftpScript(form, `get -r "${at(form, path)}" "${same(dir, path)}"`),
    resume: {
      put: (form, local, dir) => psftpScript(form, `reput "${local}" "${at(form, same(dir, local))}"`),
      get: (form, path, dir) => psftpScript(form, `reget "${at(form, path)}" "${same(dir, path)}"`),
    },
  },
  {
    name: 'pscp',
    sftp: true,
    forms: ALL,
    trees: true,
    oddest: false,
    put: (form, local, dir) =>
      call('pscp', [...puttyArgs(form), '-sftp', '-q', '-r', '-p', local, `${form.host}:${at(form, dir)}/`]),
    get: (form, path, dir) =>
      call('pscp', [...puttyArgs(form), '-sftp', '-q', '-r', '-p', `${form.host}:${at(form, path)}`, `${dir}/`]),
  },
  {
    name: 'pscp -scp',
    sftp: false,
    forms: NOT_TREE,
    trees: false,
    oddest: false,
    put: (form, local, dir) =>
      call('pscp', [...puttyArgs(form), '-scp', '-q', '-r', '-p', local, `${form.host}:${at(form, dir)}/`]),
    get: (form, path, dir) =>
      call('pscp', [...puttyArgs(form), '-scp', '-q', '-r', '-p', `${form.host}:${at(form, path)}`, `${dir}/`]),
  },
];

function curlUrl(form: Form, path: string): string[] {
  const { key, host, port, user } = form;
  return [
    '-sS',
    '-k',
    '--key',
    key.file,
    '--pubkey',
    `${key.file}.pub`,
    '-u',
    `${user}:`,
    `sftp://${host}:${port}${at(form, path)}`,
  ];
}

const curl: Client = {
  name: 'curl',
  sftp: true,
  forms: NOT_JUMP,
  trees: false,
  oddest: false,
  put: (form, local, dir) => call('curl', ['-T', local, ...curlUrl(form, same(dir, local))]),
  get: (form, path, dir) => call('curl', ['-o', same(dir, path), ...curlUrl(form, path)]),
  resume: {
    get: (form, path, dir) => call('curl', ['-C', '-', '-o', same(dir, path), ...curlUrl(form, path)]),
  },
};

/** Mounts the target below a directory of its own while `use` runs. */
export async function mounted<T>(form: Form, use: (mount: string) => Promise<T>): Promise<T> {
  const mount = mkdtempSync(join(tmpdir(), 'bastion-sshfs-'));
  const made = await call('sshfs', ['-F', form.config, `${form.name}:${form.root || '/'}`, mount]);
  if (made.code !== 0) {
    rmdirSync(mount);
    throw new Error(`sshfs cannot mount here: ${made.stderr}`);
  }
  try {
    return await use(mount);
  } finally {
    await call('fusermount3', ['-u', '-z', mount]);
    rmdirSync(mount);
  }
}

/** Holes are written, so that a file takes its time. */
const CP = ['-r', '--sparse=never', '--preserve=mode,timestamps,links'];

const sshfs: Client = {
  name: 'sshfs',
  sftp: true,
  forms: ALL,
  trees: true,
  oddest: true,
  put: (form, local, dir) => mounted(form, (mount) => call('cp', [...CP, local, `${mount}${dir}/`])),
  get: (form, path, dir) => mounted(form, (mount) => call('cp', [...CP, `${mount}${path}`, `${dir}/`])),
};

export const CLIENTS: readonly Client[] = [...openssh, lftp, paramiko, ...putty, curl, sshfs];

/** `left | right`, failed when either failed. */
async function piped(left: readonly string[], right: readonly string[]): Transfer {
  const to = spawn(right[0]!, right.slice(1), { stdio: 'pipe', env: CLIENT_ENV });
  const from = spawn(left[0]!, left.slice(1), { stdio: ['ignore', to.stdin, 'pipe'], env: CLIENT_ENV });
  // the pipe is theirs alone, or its reader would not see its end
  to.stdin.destroy();
  const [sent, taken] = await Promise.all([finished(from), finished(to)]);
  return { ...taken, code: taken.code === 0 ? sent.code : taken.code, stderr: `${sent.stderr}${taken.stderr}` };
}

/** A fresh directory for one side of a transfer; of the target's user where it is the far one. */
export async function place(root: string, name: string, owner?: string): Promise<string> {
  const dir = mkdtempSync(join(root, `${name.replace(/\W+/g, '-')}-`));
  if (owner !== undefined) await run('chown', [owner, dir]);
  return dir;
}

/** The table of docs/CONFORMANCE.md: which client is tested in which form. */
export function conformance(): string {
  const forms = [
    ['named', '`alice@web1@bastion`'],
    ['jump', '`-J alice@bastion`'],
    ['tree', '`alice@bastion`, the tree'],
  ] as const;
  const cells = (client: Client) => [
    `\`${client.name}\``,
    ...forms.map(([form]) => (client.forms.includes(form) ? 'yes' : '–')),
    client.trees ? 'yes' : 'one file',
    client.resume ? 'yes' : '–',
  ];
  const row = (columns: readonly string[]) => `| ${columns.join(' | ')} |`;
  const head = ['client', ...forms.map(([, title]) => title), 'directories', 'resumes'];
  return [head, head.map(() => '---'), ...CLIENTS.map(cells)].map(row).join('\n');
}

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CleanRoot } from '../kit/clean-root.ts';
import { finished, run, seen, start } from '../kit/process.ts';

const repository = join(import.meta.dirname, '../..');
const image = mkdtempSync(join(tmpdir(), 'bastion-image-'));
const root = new CleanRoot();
afterAll(() => {
  root[Symbol.dispose]();
  rmSync(image, { recursive: true, force: true });
});

/** The instructions of the Dockerfile, stage by stage. */
const stages = readFileSync(join(repository, 'Dockerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, '')
  .split(/^(?=FROM )/m)
  .filter((stage) => stage.startsWith('FROM'))
  .map((stage) => [...stage.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, word, rest]) => ({ word: word!, rest: rest! })));
const [build, final] = [stages[0]!, stages[1]!];
const rests = (word: string) => final.filter((one) => one.word === word).map(({ rest }) => rest);
const command = (word: string) => JSON.parse(rests(word)[0]!) as string[];

/**
 * There may be no container engine where this runs. So its steps are done by hand: what the build stage does with the
 * executable, and the final stage in a root with the libraries of its base image, a network of its own and no /proc.
 * What only an engine can show is the pulling of base images and `npm ci` within the first.
 */
test('the image, put together by hand, serves everybody with TLS as nobody in particular, and knows how it is', async () => {
  const steps = build.filter(({ word, rest }) => word === 'RUN' && rest !== './scripts/package');
  for (const { rest } of steps) {
    execFileSync('sh', ['-ec', rest.replaceAll('/image', image)], { cwd: repository });
  }
  for (const rest of rests('COPY')) copy(rest);
  expect(statSync(join(root.path, 'data'))).toMatchObject({ uid: 65532, gid: 65532 });

  const [user] = rests('USER');
  const inside = ['--groups=', `--userspec=${user}`, root.path];
  const args = [...command('ENTRYPOINT'), ...command('CMD')];
  const daemon = start(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && exec chroot "$@"', 'sh', ...inside, ...args],
    { env: {} },
  );
  const ended = finished(daemon);
  try {
    const [line] = await seen(daemon.stderr!, /^\{[^\n]*"msg":"ready"[^\n]*\}$/m);
    expect(JSON.parse(line)).toMatchObject({ ssh: ['[::]:2222'], data: '/data', config: '/etc/bastion/config.yml' });

    const within = ['-t', String(daemon.pid), '--net'];
    const page = await run('nsenter', [
      ...within,
      'curl',
      '-sk',
      '-w',
      '%{http_code}',
      'https://127.0.0.1:8080/readyz',
    ]);
    expect(page.stdout).toMatch(/200$/);
    const plain = await run('nsenter', [...within, 'curl', '-s', 'http://127.0.0.1:8080/readyz']);
    expect(plain.code).not.toBe(0);
    const keys = await run('nsenter', [...within, 'ssh-keyscan', '-p', '2222', '127.0.0.1']);
    expect(keys.stdout).toContain('ssh-ed25519');

    const health = JSON.parse(rests('HEALTHCHECK')[0]!.replace(/^.*CMD /, '')) as string[];
    const check = () => run('/usr/sbin/chroot', [...inside, ...health], { env: {} });
    expect(await check()).toMatchObject({ code: 0, stderr: '' });
    // by the environment, as a container is configured
    const shown = await run('/usr/sbin/chroot', [...inside, ...command('ENTRYPOINT'), 'config', 'show', '--json'], {
      env: { BASTION_SESSION__IDLE_TIMEOUT: '5m' },
    });
    expect(JSON.parse(shown.stdout)).toMatchObject({ data: '/data', session: { idle_timeout: '5m' } });

    daemon.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect((await check()).code).toBe(1);
  } finally {
    daemon.kill('SIGKILL');
    await ended;
  }
});

test('nothing of a working tree that is not the program goes into the build', () => {
  const left = readFileSync(join(repository, '.dockerignore'), 'utf8').split('\n');
  for (const line of readFileSync(join(repository, '.gitignore'), 'utf8').split('\n')) {
    expect(left, line).toContain(line.replace(/^\/|\/$/g, ''));
  }
});

/** `--from=build --chown=1:1 --chmod=700 FROM TO`. */
function copy(rest: string): void {
  const words = rest.split(' ');
  const [from, to] = words.filter((word) => !word.startsWith('--'));
  const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const target = join(root.path, to!);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(from!.replace('/image', image), target, { recursive: true });
  expect(existsSync(target)).toBe(true);
  chmodSync(target, Number.parseInt(option('chmod')!, 8));
  const [uid, gid] = (option('chown') ?? '0:0').split(':').map(Number);
  chownSync(target, uid!, gid!);
}

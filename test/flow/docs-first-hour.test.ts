import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReviewView } from '../../src/api/contract/commands.ts';
import type { SessionView } from '../../src/api/contract/sessions.ts';
import { type Bastion, NODE_FLAGS, startBastion } from '../kit/bastion.ts';
import { eventually, finished, type RunResult } from '../kit/process.ts';
import { makeKey, type Sshd, startSshd } from '../kit/sshd.ts';

const PAGE = join(import.meta.dirname, '../../docs/FIRST-HOUR.md');

let bastion: Bastion;
let sshd: Sshd;
let env: NodeJS.ProcessEnv;
const waiting: ChildProcess[] = [];

beforeAll(async () => {
  [bastion, sshd] = await Promise.all([startBastion(), startSshd()]);
  const home = join(bastion.dir, 'home');
  const bin = join(bastion.dir, 'bin');
  for (const dir of [home, join(home, '.ssh'), bin]) mkdirSync(dir, { mode: 0o700 });
  const key = await makeKey(bastion.dir, 'id_ed25519');
  for (const end of ['', '.pub']) copyFileSync(`${key.file}${end}`, join(home, '.ssh', `id_ed25519${end}`));
  // what a reader has and the test has elsewhere: the program, the machine 10.0.0.11, port 2222, an id that was printed
  program(bin, 'bastion', [
    'args=()',
    'for word; do',
    '  case $word in',
    `    10.0.0.11) args+=(127.0.0.1 --protocol ssh:${sshd.port}) ;;`,
    '    ID) args+=("$(cat newest-id)") ;;',
    '    *) args+=("$word") ;;',
    '  esac',
    'done',
    `exec '${process.execPath}' ${NODE_FLAGS.join(' ')} '${join(import.meta.dirname, '../../dist/main.cjs')}' "\${args[@]}"`,
  ]);
  program(bin, 'ssh', [
    `exec /usr/bin/ssh -F none -i ~/.ssh/id_ed25519 -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "\${@/#2222/${bastion.sshPort}}"`,
  ]);
  env = { ...process.env, HOME: home, PATH: `${bin}:${process.env.PATH}` };
});
afterAll(async () => {
  for (const child of waiting) child.kill();
  await bastion?.[Symbol.asyncDispose]();
  await sshd?.stop();
});

function program(bin: string, name: string, lines: readonly string[]): void {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/bash\n${lines.join('\n')}\n`);
  chmodSync(file, 0o755);
}

/** The blocks of the page that are to be run, in order, with the exit code that is expected. */
function blocks(): { text: string; waits: boolean; code: number }[] {
  const found = readFileSync(PAGE, 'utf8').matchAll(/^```sh run ?(\w*)\n(.*?)^```$/gms);
  return [...found].map(([, how, text]) => ({ text: text!, waits: how === 'waits', code: Number(how) || 0 }));
}

/** A block as a reader would paste it; the first line that fails ends it. */
function shell(text: string): Promise<RunResult> {
  const child = spawn('bash', ['-e', '-c', text], { cwd: bastion.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  waiting.push(child);
  return finished(child);
}

async function newestId(block: string): Promise<string> {
  if (!block.includes('review')) return (await bastion.json<SessionView[]>(['session', 'list']))[0]!.id;
  const waits = async () => (await bastion.json<ReviewView[]>(['review', 'list']))[0];
  return (await eventually('a command that waits', waits)).id;
}

test('every block of the first hour does what the page says, one after the other', { timeout: 300_000 }, async () => {
  const held: { text: string; ended: Promise<RunResult> }[] = [];
  const printed: string[] = [];
  for (const { text, waits, code } of blocks()) {
    if (text.includes(' ID')) writeFileSync(join(bastion.dir, 'newest-id'), await newestId(text));
    if (waits) {
      held.push({ text, ended: shell(text) });
      continue;
    }
    const result = await shell(text);
    expect(result, text).toMatchObject({ code });
    printed.push(result.stdout + result.stderr);
    // what the page asks the reader to do by hand
    const [key] = /^ssh-ed25519 \S+/m.exec(result.stdout) ?? [];
    if (key && text.includes('--generate-key')) appendFileSync(join(sshd.dir, 'authorized_keys'), `${key}\n`);
  }
  const all = printed.join('\n');
  expect(all).toContain('is forbidden by the filter "no-wipe"');
  expect(all).toMatch(/^Linux /m);
  expect(all).toContain('uid=0(root)');
  expect(all).toMatch(/#\S{20,}/);
  // approved, so the target answered: it was not the bastion's 254
  for (const { text, ended } of held) expect((await ended).code, text).not.toBe(254);
  expect(held).toHaveLength(1);
  expect(readFileSync(join(bastion.dir, 'first.cast'), 'utf8')).toContain('Linux');
});

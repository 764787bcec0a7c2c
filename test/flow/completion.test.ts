import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bastion, NODE_FLAGS, startBastion } from '../kit/bastion.ts';
import { run } from '../kit/process.ts';
import { onPty } from '../kit/pty.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.cjs');
/** What a shell must never run when it completes a name. */
const HOSTILE = '$(id>hit)`id>hit`';

const home = mkdtempSync(join(tmpdir(), 'bastion-completion-'));
const env = {
  HOME: home,
  PATH: `${home}/bin:${process.env.PATH}`,
  TERM: 'xterm',
  LC_ALL: 'C.UTF-8',
};
let bastion: Bastion;

beforeAll(async () => {
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, 'keys'));
  writeFileSync(join(home, 'keys/alice.pub'), '');
  const command = join(home, 'bin/bastion');
  // asked for names it is the real one; called by Enter it tells what the line became
  writeFileSync(
    command,
    `#!/bin/sh
case " $* " in
*' completion-names '*) exec '${process.execPath}' ${NODE_FLAGS.join(' ')} '${MAIN}' "$@" ;;
esac
printf called:
printf '<%s>' "$@"
echo
`,
  );
  chmodSync(command, 0o755);
  bastion = await startBastion();
  await bastion.ok(['user', 'add', 'alice', '--display-name', 'Alice A.']);
  await bastion.ok(['user', 'add', 'alfred', '--role', 'admin']);
  await bastion.ok(['asset', 'add', 'web1', '--address', '192.0.2.1']);
  await bastion.ok(['asset', 'add', HOSTILE, '--address', '192.0.2.2']);
  await bastion.ok(['permission', 'add', 'night shift', '--user', 'alice', '--asset', 'web1', '--account', 'root']);
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(home, shell), await bastion.ok(['completion', shell]));
  writeFileSync(join(home, 'rc'), `PS1='ready> '; source ${home}/bash\n`);
  writeFileSync(join(home, '.zshrc'), `PS1='ready> '; autoload -Uz compinit && compinit -u; source ${home}/zsh\n`);
  mkdirSync(join(home, '.config/fish'), { recursive: true });
  writeFileSync(
    join(home, '.config/fish/config.fish'),
    `function fish_prompt; echo -n 'ready> '; end; function fish_greeting; end; set -g fish_autosuggestion_enabled 0; source ${home}/fish\n`,
  );
});

afterAll(async () => {
  await bastion?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const ARGS: Readonly<Record<string, readonly string[]>> = {
  bash: ['--noprofile', '--rcfile', `${home}/rc`, '-i'],
  zsh: ['-i'],
  fish: ['-i'],
};

/** Types into a shell, with a TAB wherever there is one. */
async function typed(shell: string, text: string) {
  const pty = onPty(shell, ARGS[shell]!, { env, cwd: home });
  await pty.expect(/ready> /);
  pty.type(text);
  return pty;
}

/** What the command was called with after all TABs of a line and Enter. */
async function called(shell: string, line: string): Promise<string[]> {
  using pty = await typed(shell, `${line}\r`);
  const [, words] = await pty.expect(/called:((?:<[^\n]*>)?)\r?\n/);
  return words!.slice(1, -1).split('><');
}

describe.each(['bash', 'zsh', 'fish'])('%s completes', (shell) => {
  test('commands, options and the words an option takes', async () => {
    expect(await called(shell, 'bastion us\tad\tbob --ro\tau\t')).toEqual(['user', 'add', 'bob', '--role', 'auditor']);
    expect(await called(shell, 'bastion --js\tcomp\tba\t')).toEqual(['--json', 'completion', 'bash']);
    expect(await called(shell, 'bastion session list --use=fo\t')).toEqual(['session', 'list', '--use=forward']);
  });

  test('names that the daemon knows, for arguments, options and lists', async () => {
    const at = `--data ${bastion.data}`;
    const words = ['--data', bastion.data];
    expect(await called(shell, `bastion ${at} user show alic\t`)).toEqual([...words, 'user', 'show', 'alice']);
    expect(await called(shell, `bastion user set ali\t --role admin ${at}`)).toEqual([
      ...['user', 'set', 'ali', '--role', 'admin'],
      ...words,
    ]);
    expect(await called(shell, `bastion ${at} permission add p --user bob,alf\t --asset we\t`)).toEqual([
      ...words,
      ...['permission', 'add', 'p', '--user', 'bob,alfred', '--asset', 'web1'],
    ]);
    expect(await called(shell, `bastion ${at} group join ops bob alf\t`)).toEqual([
      ...words,
      ...['group', 'join', 'ops', 'bob', 'alfred'],
    ]);
  });

  test('names with blanks and shell characters as one word that runs nothing', async () => {
    const at = `--data ${bastion.data}`;
    expect(await called(shell, `bastion ${at} permission show nig\t`)).toEqual([
      ...['--data', bastion.data],
      ...['permission', 'show', 'night shift'],
    ]);
    expect(await called(shell, `bastion ${at} asset show \\$\t`)).toEqual([
      ...['--data', bastion.data],
      ...['asset', 'show', HOSTILE],
    ]);
    expect(existsSync(join(home, 'hit'))).toBe(false);
  });

  test('files where a file is meant', async () => {
    expect(await called(shell, 'bastion user add bob --key-file ke\tal\t')).toEqual([
      ...['user', 'add', 'bob', '--key-file', 'keys/alice.pub'],
    ]);
  });

  test('what there is to choose from', async () => {
    using pty = await typed(shell, `bastion --data ${bastion.data} user show al\t\t`);
    await pty.expect(/fred[\s\S]*ice/);
  });

  test('nothing, quietly, where no daemon runs', async () => {
    using pty = await typed(shell, `bastion --data ${home}/none user show al\tx\r`);
    const [, before] = await pty.expect(/show al([\s\S]*)called:/);
    expect(before).not.toMatch(/bastion:|rror/);
    await pty.expect(/<show><alx>/);
  });
});

test('no name is told to the script of who may not ask, and no reason', async () => {
  const result = await run(process.execPath, [
    ...NODE_FLAGS,
    MAIN,
    '--data',
    `${home}/none`,
    'completion-names',
    'users',
  ]);
  expect(result).toMatchObject({ code: 1, stdout: '', stderr: '' });
});

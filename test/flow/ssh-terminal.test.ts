import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROMPT } from '../kit/house.ts';
import { type Pair, startPair, type Way } from '../kit/pair.ts';
import { eventually } from '../kit/process.ts';
import { Terminal } from '../kit/terminal.ts';

let pair: Pair & AsyncDisposable;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

/** Does the same on both terminals; what it gives back must be the same. */
async function both<T>(act: (way: Way) => Promise<T>): Promise<T> {
  const direct = await act('direct');
  const through = await act('through');
  expect(through).toEqual(direct);
  return through;
}

/** One command on a terminal: its screen and its exit code. */
const command = (text: string, size = { cols: 100, rows: 30 }, flags: readonly string[] = ['-tt']) =>
  both(async (way) => {
    using terminal = pair.terminal(way, flags, [text], size);
    const { exitCode } = await terminal.exit;
    return { raw: terminal.raw, exitCode };
  });

describe('a terminal', () => {
  test('the size at the start, TERM and the modes', async () => {
    expect((await command('stty size', { cols: 133, rows: 41 })).raw).toContain('41 133');
    expect((await command('echo "$TERM"')).raw).toContain('xterm-256color');
    expect((await command('stty -a')).raw).toContain('isig icanon');
    await both(async (way) => {
      using terminal = pair.terminal(way);
      await terminal.shows(PROMPT);
      terminal.enter('stty -ixon -echo erase ^H intr ^G; clear; stty -a');
      await terminal.shows((screen) => screen.includes('isig icanon') && PROMPT.test(screen));
      return terminal.screen();
    });
  });

  test('modes of the user’s own terminal are those of the program', async () => {
    await both(async (way) => {
      const args = pair.args(way, ['-tt']);
      const quoted = [...args, 'stty -a'].map((arg) => `'${arg}'`).join(' ');
      using local = new Terminal('sh', ['-c', `stty intr ^G erase ^H -ixon; exec ssh ${quoted}`]);
      await local.exit;
      expect(local.screen()).toMatch(/intr = \^G.* erase = \^H/s);
      return local.screen();
    });
  });

  test('an exit code, and stderr on the same screen', async () => {
    expect(await command('echo out; echo err >&2; exit 42')).toMatchObject({ exitCode: 42 });
    expect(await command('kill -TERM $$')).toMatchObject({ exitCode: 255 });
  });

  test('a resize reaches the program at once, also several', async () => {
    await both(async (way) => {
      using terminal = pair.terminal(
        way,
        ['-tt'],
        [`trap 'stty size' WINCH; echo ready; while :; do sleep 0.02; done`],
      );
      await terminal.shows(/ready/);
      terminal.resize(140, 50);
      await terminal.shows(/^50 140$/m);
      terminal.resize(61, 11);
      await terminal.shows(/^11 61$/m);
      terminal.type('\x03');
      return (await terminal.exit).exitCode;
    });
  });

  test('Ctrl-C, Ctrl-Z and Ctrl-\\ are for the program', async () => {
    await both(async (way) => {
      using terminal = pair.terminal(way);
      await terminal.shows(PROMPT);
      // one job from its first word on: what is typed after that word is for it
      const job = (word: string) => terminal.enter(`sh -c 'ulimit -c 0; echo "${word}" now; exec sleep 60'`);
      job('one');
      await terminal.shows(/^one now$/m);
      terminal.type('\x03');
      await terminal.shows(/\^C\n.*\$ *$/);
      terminal.enter('echo code $?');
      await terminal.shows(/^code 130$/m);
      job('two');
      await terminal.shows(/^two now$/m);
      terminal.type('\x1a');
      await terminal.shows(/Stopped/);
      terminal.enter('kill -9 %1');
      job('three');
      await terminal.shows(/^three now$/m);
      terminal.type('\x1c');
      await terminal.shows(/Quit/);
      terminal.enter('exit 3');
      return (await terminal.exit).exitCode;
    });
  });

  test('Ctrl-D ends the shell with the code of the last command', async () => {
    await both(async (way) => {
      using terminal = pair.terminal(way);
      await terminal.shows(PROMPT);
      terminal.enter('(exit 9)');
      await eventually('the prompt again', () => terminal.screen().match(/\(exit 9\)\n.*\$ *$/) ?? undefined);
      terminal.type('\x04');
      return (await terminal.exit).exitCode;
    });
  });

  test('a full-screen program: the other screen and back, with its keys', async () => {
    await both(async (way) => {
      using terminal = pair.terminal(way, ['-tt'], ['seq 1 500 | LESS= less'], { cols: 80, rows: 24 });
      await terminal.shows(/^23$/m);
      terminal.type('G');
      await terminal.shows(/^500\n\(END\)/m);
      const screen = terminal.screen();
      expect(terminal.onAlternateScreen).toBe(true);
      terminal.type('q');
      const { exitCode } = await terminal.exit;
      expect(terminal.onAlternateScreen).toBe(false);
      return { screen, exitCode };
    });
  });

  test('a pasted megabyte arrives whole, as raw bytes', async () => {
    await both(async (way) => {
      using terminal = pair.terminal(way, ['-tt'], ['stty raw -echo; echo ready; head -c 1000000 | md5sum']);
      await terminal.shows(/ready/);
      terminal.type('0123456789'.repeat(100_000));
      await terminal.shows(/[0-9a-f]{32} {2}-/);
      return /[0-9a-f]{32}/.exec(terminal.screen())![0];
    });
  });

  test('a hostile title, clipboard and colours pass as they are', async () => {
    const { raw } = await command(
      `printf '\\033]0;owned\\007\\033]52;c;aGk=\\007\\033[31mred\\033[0m\\033P1\\033\\\\\\377\\200'`,
    );
    expect(raw).toContain('\x1b]0;owned\x07\x1b]52;c;aGk=\x07\x1b[31mred\x1b[0m');
  });

  test('the escape characters of ssh itself: ~? and ~.', async () => {
    using terminal = pair.terminal('through');
    await terminal.shows(PROMPT);
    terminal.type('\r~?');
    await terminal.shows(/Supported escape sequences/);
    terminal.type('\r~B');
    terminal.enter('echo still here');
    await terminal.shows(/^still here/m);
    terminal.type('\r~.');
    expect((await terminal.exit).exitCode).toBe(255);
  });
});

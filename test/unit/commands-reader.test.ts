import { describe, expect, it } from 'vitest';
import { KeyReader } from '../../src/session/commands/keys.ts';
import type { CommandEntry } from '../../src/session/commands/log.ts';
import { CommandReader } from '../../src/session/commands/reader.ts';
import type { CommandReport } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { rule } from './commands-kit.ts';
import { grant, house } from './session-kit.ts';

/** A reader with a script in the place of a person and a program. */
function reading(size = { cols: 80, rows: 24 }) {
  const clock = new FakeClock();
  const entries: CommandEntry[] = [];
  const reports: CommandReport[] = [];
  const reader = new CommandReader({
    clock,
    size: () => ({ ...size, width: 0, height: 0 }),
    commands: {
      add: (entry) => {
        entries.push(entry);
        return `command-${entries.length}` as never;
      },
      report: (_id, report) => void reports.push(report),
    },
    ranUnjudged: () => undefined,
  });
  const keys = new KeyReader();
  /** Time passes, and others have their turn. */
  const later = async (ms: number) => {
    for (let part = 0; part < 10; part++) {
      clock.advance(ms / 10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    clock,
    entries,
    reports,
    reader,
    type: (text: string) => keys.read(Buffer.from(text), (key) => void reader.key(key)),
    say: (text: string) => reader.output(Buffer.from(text)),
    /** Each character is echoed, and the Enter answered with this. */
    async run(line: string, answer = '\r\n', prompt = '$ ') {
      for (const char of line) {
        this.type(char);
        this.say(char);
      }
      this.type('\r');
      this.say(`${answer}${prompt}`);
      await later(100);
    },
    later,
    lines: async () => {
      await later(4000);
      return entries.map(({ line, confidence, context }) => `${confidence} ${context} ${line}`);
    },
  };
}

describe('a terminal read', () => {
  it('hundreds of keys before an Enter, with an echo each and without any', async () => {
    const at = reading({ cols: 200, rows: 50 });
    at.say('$ ');
    await at.run(`echo ${'0123456789'.repeat(90)}`);
    for (let i = 0; i < 900; i++) at.type(i % 2 === 0 ? '\x1b[D' : '\x1b[C');
    await at.run('echo behind');
    expect(await at.lines()).toEqual([`screen shell echo ${'0123456789'.repeat(90)}`, 'screen shell echo behind']);
  });

  it('wide characters, wrapped lines and lines of exactly the width are read whole', async () => {
    const at = reading({ cols: 20, rows: 6 });
    at.say('$ ');
    await at.run('echo 日本語日本語日本語', '\r\n');
    await at.run('echo 1234567890123');
    await at.run('echo 12345678901234567890123456789');
    expect(await at.lines()).toEqual([
      'screen shell echo 日本語日本語日本語',
      'screen shell echo 1234567890123',
      'screen shell echo 12345678901234567890123456789',
    ]);
  });

  it('secrets are never kept, in whatever language they are asked for', async () => {
    const prompts = [
      'Password: ',
      '[sudo] password for bob: ',
      "bob@web1's password: ",
      "Enter passphrase for key '/home/bob/.ssh/id': ",
      'Verification code: ',
      '密码：',
      '请输入口令: ',
      'Contraseña: ',
      'Mot de passe : ',
      'Passwort:',
      'PIN: ',
      'Enter PIN for authenticator: ',
      'API token: ',
      'パスワード: ',
    ];
    for (const prompt of prompts) {
      const at = reading();
      at.say(prompt);
      at.type('hunter2\r');
      at.say('\r\n$ ');
      await at.run('ls');
      expect(await at.lines(), prompt).toEqual(['screen shell ls']);
    }
  });

  it('a secret shown as stars, or typed where nothing asks for one, is only said to be there', async () => {
    const at = reading();
    at.say('Say it: ');
    for (const char of 'hunter2') {
      at.type(char);
      at.say('*');
    }
    at.type('\r');
    at.say('\r\nAgain: ');
    at.type('hunter2\r');
    at.say('\r\n$ ');
    await at.run('ls');
    expect(await at.lines()).toEqual([
      'unparsed shell input without echo, not kept',
      'unparsed shell input without echo, not kept',
      'screen shell ls',
    ]);
  });

  it('a secret typed before its prompt came is not kept either', async () => {
    const at = reading();
    at.say('$ ');
    await at.run('sudo -k ls', '\r\n', '');
    at.type('hunter2\r');
    at.say('[sudo] password for bob: ');
    at.say('\r\nfile\r\n$ ');
    await at.run('ls');
    expect((await at.lines()).join('\n')).not.toContain('hunter2');
    expect((await at.lines()).at(-1)).toBe('screen shell ls');
  });

  it('a secret that is shown, because the echo went off too late, is not kept', async () => {
    const at = reading();
    at.say('Password: ');
    at.type('hunter2');
    at.say('hun****');
    at.type('\r');
    at.say('\r\nPassword: ');
    await at.run('hunter2');
    const lines = await at.lines();
    expect(lines).toEqual(Array(2).fill('unparsed shell an answer to a prompt for a secret, not kept'));
  });

  it('at a prompt where commands were seen, what is typed without echo is known as typed', async () => {
    const at = reading();
    at.say('$ ');
    await at.run('stty -echo');
    at.type('id\r');
    at.say('uid=0\r\n$ ');
    at.type('ls\r');
    at.say('file\r\n$ ');
    expect(await at.lines()).toEqual(['screen shell stty -echo', 'typed shell id', 'typed shell ls']);
  });

  it('output that comes while a line is typed does not become part of it', async () => {
    const at = reading();
    at.say('$ ');
    await at.run('make &');
    at.type('ec');
    at.say('ec');
    await at.later(2000);
    at.say('built it\r\n');
    await at.later(2000);
    at.type('ho hi');
    at.say('ho hi');
    at.type('\r');
    at.say('\r\nhi\r\n$ ');
    expect(await at.lines()).toEqual(['screen shell make &', 'typed shell echo hi']);
  });

  it('bulk output between two commands is left out but for its end', async () => {
    const at = reading();
    at.say('$ ');
    await at.run('cat big', '\r\n', '');
    for (let i = 0; i < 300; i++) at.say('0123456789abcdef\r\n'.repeat(200));
    at.say('$ ');
    await at.run('echo after');
    expect(await at.lines()).toEqual(['screen shell cat big', 'screen shell echo after']);
  });

  it('a full-screen program is named once, and what it runs in a shell is read', async () => {
    const at = reading();
    at.say('$ ');
    await at.run('vim notes.txt', '\r\n\x1b[?1049h\x1b[2J\x1b[H~\r\n~', '');
    at.type('ihello\x1b');
    at.say('\x1b[24;1H-- INSERT --');
    at.type(':');
    at.say('\x1b[24;1H\x1b[K:');
    for (const char of '!ls -l') {
      at.type(char);
      at.say(char);
    }
    at.type('\r');
    at.say('\r\n\x1b[?1049l$ ');
    await at.run('echo out');
    expect(await at.lines()).toEqual([
      'screen shell vim notes.txt',
      'unparsed program vim notes.txt: keys typed in it are not parsed',
      'screen program :!ls -l',
      'screen shell echo out',
    ]);
  });

  it('marks of the shell add what they say, and a forged one adds no row', async () => {
    const at = reading();
    at.say('\x1b]7;file://web1/home/alice%20b\x07\x1b]133;A\x07$ \x1b]133;B\x07');
    await at.run('false', '\r\n\x1b]133;C\x07\x1b]633;E;false\\x3b id;x\x07\x1b]133;D;1\x07');
    at.say('\x1b]133;D;9\x07');
    await at.run('', '\r\n\x1b]133;D;1\x07');
    expect(await at.lines()).toEqual(['screen shell false']);
    expect(at.reports).toEqual([{ cwd: '/home/alice b' }, { reported: 'false; id' }, { exitCode: 1 }]);
  });

  it('keeps no terminal for an idle session, and reads the next line all the same', async () => {
    const at = reading();
    at.say('$ ');
    await at.run('echo one');
    await at.later(200_000);
    await at.run('echo two');
    expect(await at.lines()).toEqual(['screen shell echo one', 'screen shell echo two']);
  });
});

describe('what is typed', () => {
  const noise = Buffer.from([...Array(256).keys(), 0x1b, 0x5b, 0x32, 0x30, 0x30, 0x7e, 13, 10, 0xff, 0xc3]);

  it('passes untouched and at once without rules', async () => {
    const { open } = await house();
    const { client, target } = await open();
    for (let at = 0; at < noise.length; at += 3) {
      client.sink.data(noise.subarray(at, at + 3));
      expect(Buffer.concat(target.received).length).toBe(Math.min(noise.length, at + 3));
    }
    expect(Buffer.concat(target.received).equals(noise)).toBe(true);
  });

  it('passes untouched and in its order with rules, and so does the end of input', async () => {
    const clock = new FakeClock();
    const { open } = await house({ clock });
    const { client, target } = await open({ grant: grant({ commands: [rule('deny', ['reboot'])] }) });
    client.sink.data(noise);
    client.sink.data(Buffer.from('more\r'));
    client.sink.eof();
    expect(Buffer.concat(target.received).length).toBeLessThan(noise.length);
    expect(target.calls).not.toContain('eof');
    clock.advance(3000);
    expect(Buffer.concat(target.received).equals(Buffer.concat([noise, Buffer.from('more\r')]))).toBe(true);
    expect(target.calls).toContain('eof');
  });

  it('holds the user when much is typed behind a held Enter', async () => {
    const clock = new FakeClock();
    const { open } = await house({ clock });
    const { client, target } = await open({ grant: grant({ commands: [rule('deny', ['reboot'])] }) });
    client.sink.data(Buffer.from('cat > file\r'));
    client.sink.data(Buffer.alloc(40_000, 'x'));
    expect(client.calls).toContain('pause');
    clock.advance(1000);
    expect(client.calls).toContain('resume');
    expect(Buffer.concat(target.received).length).toBe(40_011);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { User as Person } from '../commands/user.ts';
import { atShell, brief, rule } from './commands-kit.ts';

interface Attack {
  readonly shell: string;
  readonly rc?: string;
  /** Beside the refusal of `touch`. */
  readonly words?: readonly string[];
  readonly tries: (person: Person) => Promise<void>;
}

/** Sends keys as one piece, and waits until the target had time to say something to it. */
const piece = async (person: Person, keys: string) => {
  person.fast(keys);
  // focus reports, of which no shell makes anything
  for (let times = 0; times < 5; times++) await person.type('\x1b[I');
};

/** Each tries to have `touch x` run past the rule that refuses it. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  'keys after the beginning of a string no terminal sent': {
    shell: 'zsh',
    tries: async (person) => {
      await person.type('\x1bP');
      person.fast('touch x\r');
    },
  },
  'a NUL, which a terminal without a line editor shows and a shell drops': {
    shell: 'dash',
    tries: async (person) => person.fast('tou\0ch x\r'),
  },
  'Ctrl-D in place of Enter at a prompt without a line editor': {
    shell: 'dash',
    tries: async (person) => {
      await person.type('sh<enter>');
      await person.at('$ ');
      await person.type('touch x<ctrl-d><ctrl-d>');
    },
  },
  'Ctrl-D in place of Enter in a program that only reads': {
    shell: 'bash',
    tries: async (person) => {
      await person.type('cat | sh<enter>');
      await person.type('touch x<ctrl-d><ctrl-d>');
    },
  },
  'a line handed on in two parts': {
    shell: 'dash',
    tries: async (person) => person.type('tou<ctrl-d>ch x<enter>'),
  },
  'a line handed on before it is erased': {
    shell: 'dash',
    tries: async (person) => person.type('touch<ctrl-d><ctrl-u> x<enter>'),
  },
  'an alternate screen that no program uses': {
    shell: 'bash',
    tries: async (person) => {
      await person.type("printf '\\033[?1049h'<enter>");
      await person.at('$ ');
      person.fast('touch x\r');
    },
  },
  'an alternate screen with another prompt': {
    shell: 'bash',
    tries: async (person) => {
      await person.type("PS1='here # '; printf '\\033[?1049h'<enter>");
      await person.at('here # ');
      person.fast('touch x\r');
    },
  },
  'a quoted line feed before the line': {
    shell: 'bash',
    tries: async (person) => {
      person.fast('echo \x16');
      await person.at('echo ');
      person.fast('\n');
      // once the shell has answered
      await person.at('');
      person.fast('touch x\r');
    },
  },
  'a quoted Enter that is erased again': {
    shell: 'bash',
    tries: async (person) => {
      person.fast('to\x16\r');
      await person.at('to^M');
      person.fast('\x7fuch x\r');
    },
  },
  'a quoted Enter that is erased again, without a line editor': {
    shell: 'dash',
    tries: async (person) => {
      person.fast('to\x16\r');
      await person.at('to^M');
      person.fast('\x7fuch x\r');
    },
  },
  'brackets around pastes that the program does not know': {
    shell: 'dash',
    tries: async (person) => {
      await person.type("printf '\\033[?2004h'<enter>");
      await person.at('$ ');
      await piece(person, '\x1b[200~\x15touch x\r');
      person.fast('\x1b[201~');
    },
  },
  'an edited line without echo, where what is not known is refused': {
    shell: 'bash',
    words: ['$*'],
    tries: async (person) => {
      await person.type('stty -echo<enter>');
      await person.type('<ctrl-l>');
      person.fast('ouch x\x01t\r');
    },
  },
  'an edited line typed ahead, where what is not known is refused': {
    shell: 'bash',
    words: ['$*'],
    tries: async (person) => {
      person.fast('sleep 1\r');
      await person.type('<ctrl-l>');
      person.fast('ouch x\x01t\r');
      await person.expect('is forbidden');
    },
  },
};

describe('a refused command does not run by', () => {
  for (const [name, { shell, rc, words, tries }] of Object.entries(ATTACKS)) {
    it(name, async () => {
      const rules = [rule('deny', ['touch', ...(words ?? [])])];
      const { person, ended, home } = await atShell(shell, rules, rc === undefined ? {} : { rc });
      await person.at('$ ');
      await tries(person);
      await person.expect('is forbidden');
      await person.type('<ctrl-c>');
      await person.type("<enter>echo al'iv'e<enter>");
      await person.expect('/^alive$/');
      expect(existsSync(join(home, 'x'))).toBe(false);
      const rows = await ended();
      expect(rows.some(({ verdict }) => verdict === 'deny')).toBe(true);
    }, 30_000);
  }
});

describe('a line that was ended by Ctrl-D', () => {
  for (const [name, rules] of [
    ['without rules', []],
    ['with a rule that minds something else', [rule('deny', ['touch'])]],
  ] as const) {
    it(`is a row ${name}`, async () => {
      const { person, ended } = await atShell('dash', rules);
      await person.at('$ ');
      await person.type('sh<enter>');
      await person.at('$ ');
      await person.type("echo al'iv'e<ctrl-d><ctrl-d>");
      await person.expect('/^.*alive$/');
      expect(brief(await ended())).toEqual(['pass screen sh', "pass typed echo al'iv'e"]);
    });
  }
});

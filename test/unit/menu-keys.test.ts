import { describe, expect, test } from 'vitest';
import { type Key, KeyDecoder } from '../../src/gateways/ssh/menu/keys.ts';
import { Line } from '../../src/gateways/ssh/menu/line.ts';

const keysOf = (chunks: readonly Buffer[]): Key[] => {
  const decoder = new KeyDecoder();
  const keys: Key[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let key = decoder.next(); key; key = decoder.next()) {
      const last = keys.at(-1);
      if ('text' in key && last && 'text' in last) keys[keys.length - 1] = { text: last.text + key.text };
      else keys.push(key);
    }
  }
  return keys;
};
const named = (...names: string[]) => names.map((name) => ({ name }));

describe('keys', () => {
  test.each<[string, string, unknown]>([
    ['arrows', '\x1b[A\x1b[B\x1b[C\x1b[D', named('up', 'down', 'right', 'left')],
    ['arrows in application mode', '\x1bOA\x1bOB', named('up', 'down')],
    ['arrows with modifiers', '\x1b[1;5A', named('up')],
    [
      'the block above',
      '\x1b[1~\x1b[3~\x1b[4~\x1b[5~\x1b[6~\x1b[H\x1b[F',
      named('home', 'delete', 'end', 'page-up', 'page-down', 'home', 'end'),
    ],
    ['Enter in every way', '\r\n\r\n\n\r\x1bOM', named('enter', 'enter', 'enter', 'enter', 'enter')],
    [
      'controls',
      '\x03\x04\x08\x7f\t\x15\x17',
      named('ctrl-c', 'ctrl-d', 'backspace', 'backspace', 'tab', 'ctrl-u', 'ctrl-w'),
    ],
    ['Escape before another sequence', '\x1b\x1b[A', named('escape', 'up')],
    ['unknown sequences', 'a\x1b[?1;2c\x1b[97;5u\x1b[24~\x1bxb', [{ text: 'ab' }]],
    ['answers of the terminal', 'a\x1b]11;rgb:0/0/0\x07b\x1bP>|xterm\x1b\\c\x1b_x\x1b\\', [{ text: 'abc' }]],
    [
      'a paste of several lines is text',
      '\x1b[200~web1\rrm -rf\x1b[A /\r\x1b[201~\r',
      [{ text: 'web1rm -rf[A /' }, { name: 'enter' }],
    ],
    ['Ctrl-C gets out of a paste that never ends', '\x1b[200~abc\x03\r', [{ text: 'abc' }, { name: 'enter' }]],
    ['text of many scripts', 'aé漢🚀', [{ text: 'aé漢🚀' }]],
    ['no hidden characters', 'a\u202eb\u200bc\u009bd', [{ text: 'abcd' }]],
  ])('%s, however it is cut', (_what, input, expected) => {
    const bytes = Buffer.from(input);
    expect(keysOf([bytes])).toEqual(expected);
    expect(keysOf([...bytes].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  test('bytes that are no UTF-8 are left out', () => {
    expect(keysOf([Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe4, 0xbd]), Buffer.from('z')])).toEqual([{ text: 'a(z' }]);
  });

  test('a lone Escape waits, and is the key when nothing follows', () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from('\x1b'));
    expect(decoder.next()).toBeUndefined();
    expect(decoder.waiting).toBe(true);
    expect(decoder.flush()).toEqual({ name: 'escape' });
    expect(decoder.waiting).toBe(false);
  });

  test('what nobody reads is bounded', () => {
    const decoder = new KeyDecoder();
    for (let i = 0; i < 100; i++) decoder.push(Buffer.alloc(10_000, 0x61));
    expect(decoder.takeRest().length).toBe(64 * 1024);
    decoder.push(Buffer.from('\x1b]'));
    for (let i = 0; i < 10; i++) {
      decoder.push(Buffer.alloc(1000, 0x61));
      decoder.next();
    }
    decoder.push(Buffer.from('\r'));
    expect(decoder.next()).not.toBeUndefined();
  });

  test('the rest after Enter is for somebody else, without the LF of a CR LF', () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from('1\r\nls -l\n'));
    decoder.next();
    expect(decoder.next()).toEqual({ name: 'enter' });
    expect(decoder.takeRest().toString()).toBe('ls -l\n');
    expect(decoder.next()).toBeUndefined();
  });
});

describe('line', () => {
  const typed = (...keys: (string | { name: string })[]) => {
    const line = new Line();
    for (const key of keys) line.apply(typeof key === 'string' ? { text: key } : (key as Key));
    return line;
  };
  const press = (name: string) => ({ name });

  test('edits by whole characters', () => {
    expect(typed('a漢🚀b', press('left'), press('backspace')).text).toBe('a漢b');
    expect(typed('abc', press('home'), press('delete'), 'X').text).toBe('Xbc');
    expect(typed('abc', press('left'), press('ctrl-u')).text).toBe('c');
    expect(typed('abc', press('left'), press('ctrl-k')).text).toBe('ab');
    expect(typed('one two  ', press('ctrl-w')).text).toBe('one ');
    expect(typed('one', press('ctrl-w'), press('ctrl-w'), press('backspace')).text).toBe('');
  });

  test('shows the part the cursor is in', () => {
    expect(typed('abcdef').view(4)).toEqual({ text: 'def', cursor: 3 });
    expect(typed('abcdef', press('home')).view(4)).toEqual({ text: 'abcd', cursor: 0 });
    expect(typed('漢漢漢').view(5)).toEqual({ text: '漢漢', cursor: 4 });
  });

  test('has an end', () => {
    expect(typed('x'.repeat(5000)).text).toHaveLength(1024);
  });
});

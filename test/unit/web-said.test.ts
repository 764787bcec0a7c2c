import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sayer } from '../../web/src/kit/said/catalogue.ts';
import { forPages } from '../../web/src/kit/said/for-pages.ts';
import { catalogue, say } from '../../web/src/kit/said/zh/catalogue.ts';
import { textsOf } from '../kit/sentences.ts';
import { isForNoPage, isPart } from '../kit/unsaid.ts';

const root = join(import.meta.dirname, '..', '..');

/** The rooms whose texts may reach a page. */
const ROOMS = /^(access|api|auth|config|gateways\/web|kernel|sdk|session|storage|store|targets|tasks)\//;

const sentences = Object.keys(catalogue.sentences);
const known = [...sentences, ...Object.keys(catalogue.words)];

const texts = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => ROOMS.test(file) && file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .flatMap((file) => textsOf(readFileSync(join(root, 'src', file), 'utf8')).map((text) => ({ file, ...text })))
  .filter(({ file, text }) => !isForNoPage(file, text));
/** What the schema library says by itself; sizes are said by `kernel/issue-words.ts`. */
const schemaTexts = textsOf(readFileSync(join(root, 'node_modules/zod/v4/locales/en.js'), 'utf8'))
  .map((text) => ({ file: 'zod', ...text }))
  .filter(({ text }) => /^(Invalid|Unrecognized) /.test(text));
/** How the platforms are described that come with the database. */
const platforms = [
  ...readFileSync(join(root, 'src/store/migrations/0001-start.ts'), 'utf8').matchAll(/, 1, '([^']+ [^']+)'\)/g),
].map(([, text], line) => ({ file: 'platforms', line, text: text! }));
const all = [...texts, ...schemaTexts, ...platforms];

/** A sentence as it could come: with something in the place of each value that is no word of any language. */
const specimen = (text: string) => text.replaceAll(/\{(\d+)\}/g, '‹$1›');
const valuesIn = (text: string): string[] => text.match(/‹\d+›/g) ?? [];

describe('what the daemon says', () => {
  it('is found in its sources', () => {
    const source = [
      "throw new AppError('busy', `There $",
      "{n === 1 ? 'is one' : `are $",
      '{n}`} of $',
      '{name}: wait.`)',
    ];
    expect(textsOf(source.join(''))).toEqual([
      { line: 1, text: 'There is one of {0}: wait.' },
      { line: 1, text: 'There are {0} of {1}: wait.' },
    ]);
    expect(textsOf("log.warn({ id }, 'it went wrong'); const key = 'ssh-rsa'; db.prepare('begin it');")).toEqual([]);
    expect(texts.length).toBeGreaterThan(600);
    expect(schemaTexts.length).toBeGreaterThan(10);
    expect(platforms.length).toBe(5);
  });

  it('does not send who reads a page to the lists of the command line', () => {
    const advice = /\bbastion( [a-z]+)+ list\b|see:? bastion|without an asset name|不写资产名/i;
    const given = texts.filter(({ text }) => advice.test(text)).map(({ text }) => specimen(text));
    expect(given.length).toBeGreaterThan(10);
    for (const text of given) {
      const pages = [text, say(text) ?? text].map(forPages);
      for (const page of pages) expect(page).not.toMatch(advice);
      expect(pages[0]).toMatch(/^[^.;]+\.$/);
      expect(pages[1]).toMatch(/^[^。]+。$/);
    }
    expect(forPages(say('There is no asset "web1". See: bastion asset list')!)).toBe('没有资产 "web1"。');
    expect(forPages('The last one; make another first.')).toBe('The last one; make another first.');
  });

  it('has a Chinese translation, with every value in it', () => {
    const missing = all.filter(({ text }) => {
      if (isPart(text, known)) return false;
      const said = say(specimen(text));
      return said === undefined || valuesIn(specimen(text)).some((value) => !said.includes(value));
    });
    expect(missing.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
  });

  it('keeps its values in the translation, in whichever order', () => {
    const wrong = Object.entries(catalogue.sentences).filter(([english, chinese]) => {
      const values = english.match(/\d+(?=\})/g) ?? [];
      const used = [...chinese.matchAll(/\{(\d+)\}|<(\d+)>|\[(\d+)\]/g)].map(([, a, b, c]) => a ?? b ?? c);
      return values.some((value, i) => value !== String(i) || !used.includes(value)) || used.length < values.length;
    });
    expect(wrong).toEqual([]);
  });

  it('is Chinese where it is translated, but for what is typed', () => {
    const left = Object.entries(catalogue.sentences).filter(([, chinese]) => !/[\u4e00-\u9fff]/.test(chinese));
    // a prefix of an option
    expect(left.map(([english]) => english)).toEqual(['from=: {0}']);
  });

  it('has no translation of what is said no more', () => {
    const templates = all.map(({ text }) => text.split(/\{\d+\}/));
    /** Whether the pieces of a text stand in the sentence, in their order. */
    const within = (pieces: readonly string[], template: string) => {
      const sentence = template.replaceAll(/\{\d+\}/g, '‹ ›');
      let at = 0;
      return pieces.every((piece) => {
        const found = sentence.indexOf(piece, at);
        at = found + piece.length;
        return found !== -1;
      });
    };
    const stale = sentences.filter(
      (sentence) =>
        !templates.some((pieces) => pieces.join('').trim().length > 1 && within(pieces, sentence)) &&
        !texts.some(({ text }) => text.includes(sentence)),
    );
    // made from tables of words
    const made = /^(\{0\} (day|hour|minute|second)s?|(allows|forbids) \{0\}|failure\.)$/;
    expect(stale.filter((sentence) => !made.test(sentence))).toEqual([]);
  });
});

describe('saying it in Chinese', () => {
  it.each([
    ['There is no asset "web1". See: bastion asset list', '没有资产 "web1"。可查看：bastion asset list'],
    [
      'Permission "ops" applies: it names alice through group ops, covers web 1 by folder /prod, gives root and allows connect, upload until 2026-01-01 00:00 UTC.',
      '授权“ops”适用：包含 alice（通过用户组 ops），涵盖 web 1（按目录 /prod），提供账号 root，允许连接、上传，有效期至 2026-01-01 00:00 UTC。',
    ],
    ['Permission "ops" does not apply: it does not name bob.', '授权“ops”不适用：不包含 bob。'],
    ['Denied: there is no asset "user".', '拒绝：没有资产“user”。'],
    ['Disconnected: idle for 30 minutes.', '已断开：空闲 30 分钟。'],
    [
      'You may not upload to web1: the action upload is missing; ask an administrator for it.',
      '您不能向 web1 上传文件：缺少动作“上传”；请联系管理员。',
    ],
    ['name: must not be empty; limit: must be at most 200', 'name：不能为空；limit：不能大于 200'],
    [
      'folder: must not be empty; address: must be a host name, an IPv4 or an IPv6 address (without brackets or port; a port belongs to the protocol, as in ssh:2222)',
      'folder：不能为空；address：必须是主机名、IPv4 或 IPv6 地址（不带方括号和端口；端口写在协议中，例如 ssh:2222）',
    ],
    ['users.0: Invalid input: expected string, received undefined', 'users.0：应为 文本，实际为 未提供'],
  ])('%s', (english, chinese) => {
    expect(say(english)).toBe(chinese);
  });

  it.each(['Connection reset by peer', 'user on upload', 'web1', 'nothing at all: x; y'])(
    'leaves alone what it does not know: %s',
    (text) => expect(say(text)).toBeUndefined(),
  );

  it('translates no name that looks like a word', () => {
    expect(say('There is no user upload.')).toBe('没有用户 upload。');
    expect(say('Session upload is over already.')).toBe('会话 upload 已结束。');
  });

  it('is done in one pass, however often a name holds what stands between values', () => {
    const many = 'a '.repeat(200_000);
    const counted = sayer({ sentences: { 'x{0}a {1}a {2}a {3}a {4}y': '{0}{4}' }, words: {} });
    expect(counted(`x${many}z`)).toBeUndefined();
    expect(counted(`x${many}y`)).toBe(many.slice(8));
  });
});

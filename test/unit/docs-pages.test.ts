import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../kit/process.ts';

const root = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'bastion-docs-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const build = (source: string, out: string) =>
  run(process.execPath, [join(root, 'scripts/build-docs.mjs'), source, out], {});

/** Renders pages of these texts. */
async function render(name: string, pages: Record<string, string>) {
  const source = join(dir, name);
  mkdirSync(source);
  for (const [file, text] of Object.entries(pages)) writeFileSync(join(source, file), text);
  const out = join(dir, `${name}-out`);
  const result = await build(source, out);
  return { ...result, page: (file: string) => readFileSync(join(out, file), 'utf8') };
}

const FIRST = '# All\n\n## For people\n\n- [Second](SECOND.md): the second.\n';

describe('a mistake in the documentation ends its build', () => {
  it.each([
    ['a dead link', 'See [it](GONE.md).', 'SECOND.md: nothing is at GONE.md'],
    ['a heading that is not there', 'See [it](README.md#gone).', 'SECOND.md: no heading at README.md#gone'],
    ['one of its own', 'See [it](#gone).', 'SECOND.md: no heading at #gone'],
    ['a link out of the documentation', 'See [it](../LICENSE).', 'SECOND.md: nothing is at ../LICENSE'],
    ['a picture that is not there', '![it](gone.png)', 'SECOND.md: there is no picture gone.png'],
    ['HTML', '<script>alert(1)</script>', 'SECOND.md: <script>alert(1)</script> is HTML'],
  ])('%s', async (what, text, message) => {
    const { code, stderr } = await render(what.replaceAll(' ', '-'), {
      'README.md': FIRST,
      'SECOND.md': `# Second\n\n${text}\n`,
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  it('a page that no list leads to', async () => {
    const { code, stderr } = await render('unlisted', {
      'README.md': FIRST,
      'SECOND.md': '# Second\n',
      'THIRD.md': '# Third\n',
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('THIRD.md: README.md does not list it')]);
  });
});

describe('a page', () => {
  it('has its links, headings, tables and blocks as HTML, and nothing of a text becomes HTML', async () => {
    const { code, page } = await render('good', {
      'README.md': FIRST,
      'SECOND.md':
        '# Second & last\n\n## A `b` \\<c>\n\n## Twice\n\n## Twice\n\nSay `a --b c`. See [all](README.md#for-people) and [above](#twice-1).\n\n' +
        '```sh run\necho "<b>" && true\n```\n\n| | |\n|---|---|\n| `x|y` | 1 \\< 2 |\n'.replace('x|y', 'x\\|y'),
    });
    expect(code).toBe(0);
    const html = page('second.html');
    expect(html).toContain('<title>Second &amp; last · Bastion</title>');
    expect(html).toContain('<h2 id="a-b-c"><a class="anchor" href="#a-b-c">A <code>b</code> &lt;c&gt;</a></h2>');
    expect(html).toContain('<code>a <span class="whole">--b</span> c</code>');
    expect(html).toContain('<a href="index.html#for-people">all</a> and <a href="#twice-1">above</a>');
    expect(html).toContain('<code class="language-sh">echo &quot;&lt;b&gt;&quot; &amp;&amp; true\n</code>');
    expect(html).toContain('<tbody>\n<tr><td><code>x|y</code></td><td>1 &lt; 2</td></tr>');
    expect(html).not.toContain('<thead>');
    expect(html).toContain('<li><a href="/docs/second.html" aria-current="page">Second</a></li>');
    const sections = JSON.parse(page('search.json')) as { page: string; id: string; title: string; text: string }[];
    expect(sections.find(({ id }) => id === 'a-b-c')).toMatchObject({ page: 'second.html', title: 'A b <c>' });
    expect(sections.find(({ id }) => id === 'twice-1')?.text).toBe(
      'Say a --b c. See all and above. echo "<b>" && true x|y 1 < 2',
    );
  });
});

describe('the documentation of this release', () => {
  const out = join(dir, 'real');
  beforeAll(async () => {
    expect(await build(join(root, 'docs'), out)).toMatchObject({ code: 0, stderr: '' });
  });

  it('is HTML whose elements are closed in their order, with every id once', () => {
    const empty = new Set(['meta', 'link', 'img', 'br', 'input', 'hr']);
    for (const name of readdirSync(out).filter((file) => file.endsWith('.html'))) {
      const html = readFileSync(join(out, name), 'utf8');
      const open: string[] = [];
      for (const [, end, tag] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?>/g)) {
        if (end === '/') expect([name, open.pop()]).toEqual([name, tag]);
        else if (!empty.has(tag!)) open.push(tag!);
      }
      expect([name, open]).toEqual([name, []]);
      const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
      expect([name, ids]).toEqual([name, [...new Set(ids)]]);
      expect([name, /<[^>]*\s(?:style|on\w+)=/.exec(html)?.[0]]).toEqual([name, undefined]);
    }
  });

  it('is led to by the README, whose links are no dead ones either', () => {
    const links = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(
      ([, href]) => href!,
    );
    expect(links).toContain('docs/FIRST-HOUR.md');
    for (const link of links.filter((href) => !/^https?:/.test(href))) {
      const [path, anchor] = link.split('#');
      const text = readFileSync(join(root, path!), 'utf8');
      if (anchor)
        expect([
          link,
          readFileSync(join(out, path!.slice(5).replace('.md', '.html').toLowerCase()), 'utf8').includes(
            `id="${anchor}"`,
          ),
        ]).toEqual([link, true]);
      expect(text.length).toBeGreaterThan(0);
    }
  });
});

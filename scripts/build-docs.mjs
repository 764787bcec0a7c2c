// Renders docs/*.md to pages that need nothing else: one stylesheet, one script, an index to search in, the pictures.
// docs/README.md is the first page, and its lists are the order of all others. A dead link and a page that is in no list
// fail the build.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Marked } from 'marked';
import { page, pageOf } from './docs/template.mjs';

/** What the pages are made of, for whoever wants to know whether they are up to date. */
export const DOCS_SOURCES = ['docs', 'scripts/docs', 'scripts/build-docs.mjs', 'package.json', 'package-lock.json'];

const FIRST = 'README.md';
/** Shown at addresses where there is none. */
const MISSING = {
  href: 'not-found.html',
  title: 'No such page',
  html: '<h1>No such page</h1>\n<p>The contents or the search may know where it went.</p>\n',
};
const assets = join(import.meta.dirname, 'docs');

/** Renders the Markdown of `source` into `out`, which it makes. */
export function buildDocs(source, out, version) {
  const names = readdirSync(source).filter((name) => name.endsWith('.md'));
  const pages = new Map(names.map((name) => [name, parse(name, readFileSync(join(source, name), 'utf8'))]));
  const parts = contents(pages.get(FIRST));
  const titles = new Map([
    [FIRST, 'Contents'],
    ...parts.flatMap((part) => part.pages.map(({ name, title }) => [name, title])),
  ]);
  const order = [...titles.keys()];
  const wrong = names.filter((name) => !titles.has(name)).map((name) => `${name}: ${FIRST} does not list it`);
  const pictures = new Set();
  for (const [name, { links, images }] of pages) {
    for (const href of links) {
      const [path, anchor] = href.split('#');
      const to = path === '' ? name : path;
      if (!pages.has(to)) wrong.push(`${name}: nothing is at ${href}`);
      else if (anchor !== undefined && !pages.get(to).anchors.has(anchor)) wrong.push(`${name}: no heading at ${href}`);
    }
    for (const image of images) {
      if (existsSync(join(source, image))) pictures.add(image);
      else wrong.push(`${name}: there is no picture ${image}`);
    }
  }
  if (wrong.length > 0) throw new Error(`the documentation has mistakes:\n${wrong.join('\n')}`);

  mkdirSync(out, { recursive: true });
  const titled = (name) => name && { href: pageOf(name), title: titles.get(name) };
  const nav = parts.map((part) => ({ title: part.title, pages: part.pages.map(({ name }) => titled(name)) }));
  for (const [at, name] of order.entries()) {
    const { title, html, headings } = pages.get(name);
    const around = { previous: titled(order[at - 1]), next: titled(order[at + 1]) };
    writeFileSync(join(out, pageOf(name)), page({ href: pageOf(name), title, html, headings, nav, around, version }));
  }
  writeFileSync(join(out, 'not-found.html'), page({ ...MISSING, headings: [], nav, around: {}, version }));
  const found = order.flatMap((name) =>
    pages.get(name).sections.map((section, n) => ({
      page: pageOf(name),
      of: titles.get(name),
      first: n === 0,
      part: Math.max(
        0,
        parts.findIndex((part) => part.pages.some((one) => one.name === name)),
      ),
      ...section,
    })),
  );
  writeFileSync(join(out, 'search.json'), JSON.stringify(found));
  for (const asset of ['style.css', 'docs.js']) copyFileSync(join(assets, asset), join(out, asset));
  for (const picture of pictures) {
    mkdirSync(dirname(join(out, picture)), { recursive: true });
    copyFileSync(join(source, picture), join(out, picture));
  }
}

/** One page: its HTML, and what else must be known of it. */
function parse(name, text) {
  const marked = new Marked();
  const anchors = new Set();
  const headings = [];
  const links = [];
  const images = [];
  const slug = (title) => {
    const plain = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    // as GitHub does it, so that the same links work there
    let id = plain;
    for (let n = 1; anchors.has(id); n++) id = `${plain}-${n}`;
    anchors.add(id);
    return id;
  };
  marked.use({
    renderer: {
      heading({ tokens, depth }) {
        const title = plainText(tokens);
        const id = slug(title);
        const html = this.parser.parseInline(tokens);
        headings.push({ id, depth, title });
        if (depth === 1) return `<h1 id="${id}">${html}</h1>\n`;
        return `<h${depth} id="${id}"><a class="anchor" href="#${id}">${html}</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        const html = this.parser.parseInline(tokens);
        if (/^(?:https?|mailto):/.test(href)) return `<a href="${escaped(href)}" rel="noreferrer">${html}</a>`;
        // an address of the bastion itself
        if (href.startsWith('/')) return `<a href="${escaped(href)}">${html}</a>`;
        links.push(href);
        const [path, anchor] = href.split('#');
        return `<a href="${path === '' ? '' : pageOf(path)}${anchor === undefined ? '' : `#${anchor}`}">${html}</a>`;
      },
      image({ href, text: alt }) {
        images.push(href);
        return `<img src="${escaped(href)}" alt="${escaped(alt)}">`;
      },
      code({ text: code, lang = '' }) {
        const kind = lang.split(' ')[0];
        return `<pre tabindex="0"><code${kind === '' ? '' : ` class="language-${kind}"`}>${escaped(code)}\n</code></pre>\n`;
      },
      codespan({ text: code }) {
        // browsers break lines within an option, behind any of its hyphens
        const whole = escaped(code).replace(/(?<=^| )(?=\S{1,28}(?: |$))\S*-\S*/g, '<span class="whole">$&</span>');
        return `<code>${whole}</code>`;
      },
      table({ header, rows }) {
        const row = (cells, tag) =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>\n`;
        const empty = header.every(({ text: title }) => title === '');
        const head = empty ? '' : `<thead>\n${row(header, 'th')}</thead>\n`;
        const body = rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="table" tabindex="0"><table>\n${head}<tbody>\n${body}</tbody>\n</table></div>\n`;
      },
      html({ text: raw }) {
        if (/^<!--.*-->\s*$/s.test(raw)) return '';
        if (raw === '<br>') return raw;
        throw new Error(`${name}: ${raw.trim()} is HTML; write Markdown, or \\< for the sign`);
      },
    },
  });
  const tokens = marked.lexer(text);
  const html = marked.parser(tokens);
  const title = headings[0]?.depth === 1 ? headings[0].title : undefined;
  if (!title) throw new Error(`${name}: begins with no heading of the first level`);
  return { title, html, headings, links, images, anchors, tokens, sections: sections(tokens, headings) };
}

/** The text below each heading, for the search. */
function sections(tokens, headings) {
  const all = [];
  for (const token of tokens) {
    if (token.type === 'heading') {
      const { id, title } = headings[all.length];
      all.push({ id, title, text: '' });
    } else if (all.length > 0) all.at(-1).text += `${plainText([token])} `;
  }
  return all.map((section) => ({ ...section, text: section.text.replace(/\s+/g, ' ').trim() }));
}

/** The parts of the first page and the pages they list, in order. */
function contents({ tokens }) {
  const parts = [];
  for (const token of tokens) {
    if (token.type === 'heading' && token.depth === 2) parts.push({ title: plainText(token.tokens), pages: [] });
    if (token.type !== 'list') continue;
    for (const { tokens: item } of token.items) {
      const link = item[0].tokens?.find((inner) => inner.type === 'link');
      if (link) parts.at(-1).pages.push({ name: link.href, title: plainText(link.tokens) });
    }
  }
  return parts;
}

function plainText(tokens) {
  return tokens
    .map((token) => {
      if (token.type === 'html') return ' ';
      if (token.type === 'table')
        return [token.header, ...token.rows]
          .flat()
          .map((cell) => plainText(cell.tokens))
          .join(' ');
      if (token.type === 'list') return token.items.map((item) => plainText(item.tokens)).join(' ');
      return token.tokens ? plainText(token.tokens) : decoded(token.text ?? '');
    })
    .join('');
}

const decoded = (text) =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_all, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name],
  );

const escaped = (text) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);

if (process.argv[1] === import.meta.filename) {
  const [source, out] = process.argv.slice(2);
  try {
    buildDocs(source, out, 'test');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

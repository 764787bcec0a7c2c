// The frame of each page of the documentation.

/** `FIRST-HOUR.md` → `first-hour.html` */
export function pageOf(name) {
  return name === 'README.md' ? 'index.html' : name.replace(/\.md$/, '.html').toLowerCase();
}

const text = (value) => value.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

/** All addresses are below `/docs/`, so that the page for missing ones can stand at any of them. */
const BASE = '/docs/';

export function page({ href: here, title, html, headings, nav, around, version }) {
  const entry = ({ href, title: its }) =>
    `<li><a href="${BASE}${href}"${href === here ? ' aria-current="page"' : ''}>${text(its)}</a></li>`;
  const toc = headings.filter(({ depth }) => depth === 2);
  const aside =
    toc.length < 2
      ? ''
      : `<aside><h2>On this page</h2><ul>${toc.map(({ id, title: its }) => `<li><a href="#${id}">${text(its)}</a></li>`).join('\n')}</ul></aside>`;
  const turn = (to, rel, word) =>
    to ? `<a href="${BASE}${to.href}" rel="${rel}"><span>${word}</span> ${text(to.title)}</a>` : '<span></span>';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}${here === 'index.html' ? '' : ' · Bastion'}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="${BASE}style.css">
<script src="${BASE}docs.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="brand" href="${BASE}index.html">Bastion <span>documentation</span></a>
<form role="search" class="search" hidden><label for="q">Search</label><input id="q" type="search" placeholder="Search" autocomplete="off" aria-controls="found"><ul id="found" class="found" hidden></ul></form>
<a class="menu" href="#contents">Contents</a>
<a class="open" href="/">Open Bastion</a>
</header>
<div class="frame">
<nav id="contents" aria-label="Contents">
${nav.map((part) => `<h2>${text(part.title)}</h2>\n<ul>\n${part.pages.map(entry).join('\n')}\n</ul>`).join('\n')}
<a class="close" href="#main">Close</a>
</nav>
<main id="main" tabindex="-1">
${html}
<footer><div class="turn">${turn(around.previous, 'prev', '←')}${turn(around.next, 'next', '→')}</div><p>Bastion ${text(version)}</p></footer>
</main>
${aside}
</div>
</body>
</html>
`;
}

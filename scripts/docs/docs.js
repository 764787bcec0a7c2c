// What the pages of the documentation can do beyond being read: copy a block, and search in all pages. Without it they stay
// readable.

// A page without TLS from another machine has no clipboard
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('pre')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    });
    const frame = document.createElement('div');
    frame.className = 'code';
    block.replaceWith(frame);
    frame.append(block, button);
  }
}

/** `/docs/`, wherever the page stands. */
const base = document.currentScript.src.replace(/[^/]*$/, '');
const form = document.querySelector('.search');
const field = document.querySelector('#q');
const list = document.querySelector('#found');
const SHOWN = 12;
const LONGEST = 140;
/** The sections of all pages; asked for when somebody begins to search. */
let sections;

form.hidden = false;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  list.querySelector('a')?.click();
});
field.addEventListener('focus', load);
field.addEventListener('input', search);
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(?:INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  }
  if (event.key === 'Escape' && form.contains(document.activeElement)) close();
  if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && form.contains(document.activeElement)) {
    const stops = [field, ...list.querySelectorAll('a')];
    const at = stops.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
    stops[at]?.focus();
    event.preventDefault();
  }
});
document.addEventListener('click', (event) => {
  if (!form.contains(event.target)) list.hidden = true;
});
field.addEventListener('click', search);

function close() {
  list.hidden = true;
  field.value = '';
  field.focus();
}

function load() {
  sections ??= fetch(`${base}search.json`).then((answer) => answer.json());
  return sections;
}

async function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = await load();
  // meanwhile something else may have been typed
  if (words.join(' ') !== field.value.toLowerCase().trim().replace(/\s+/g, ' ')) return;
  const found =
    words.length === 0 ? [] : all.map((one) => ({ ...one, rank: rank(one, words) })).filter((one) => one.rank > 0);
  found.sort((a, b) => b.rank - a.rank);
  list.replaceChildren(...found.slice(0, SHOWN).map((one) => entry(one, words)));
  if (words.length > 0 && found.length === 0) {
    const none = document.createElement('li');
    none.textContent = 'Nothing found';
    list.append(none);
  }
  list.hidden = words.length === 0;
}

/** 0 where a word is missing; a word in the heading, and all of them in a row, count ten times as much as one in the
 * text, and what is for people twice as much as what is for developers. */
function rank({ part, title, text }, words) {
  const heading = title.toLowerCase();
  const body = text.toLowerCase();
  let sum = body.includes(words.join(' ')) ? 10 : 0;
  for (const word of words) {
    const points = (heading.includes(word) ? 10 : 0) + Math.min(body.split(word).length - 1, 5);
    if (points === 0) return 0;
    sum += points;
  }
  return sum / (part + 1);
}

function entry({ page, of, first, id, title, text }, words) {
  const places = [words.join(' '), ...words.toSorted((a, b) => b.length - a.length)].map((word) =>
    text.toLowerCase().indexOf(word),
  );
  const place = Math.max(0, (places.find((found) => found >= 0) ?? 0) - 40);
  // from the beginning of a word to the end of one
  const from = place === 0 ? 0 : text.indexOf(' ', place) + 1;
  const to = text.length - from < LONGEST ? text.length : text.lastIndexOf(' ', from + LONGEST);
  const excerpt = document.createElement('span');
  excerpt.textContent = `${from > 0 ? '… ' : ''}${text.slice(from, to)}${to < text.length ? ' …' : ''}`;
  const link = document.createElement('a');
  link.href = `${base}${page}#${id}`;
  link.append(first ? of : `${of}: ${title}`, excerpt);
  link.addEventListener('click', () => {
    list.hidden = true;
  });
  const item = document.createElement('li');
  item.append(link);
  return item;
}

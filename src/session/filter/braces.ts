import type { Budget } from './budget.ts';
import type { Part, Word } from './syntax.ts';

type Atom = string | Part;

const SEQUENCE = /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])$/;
const MOST_OF_A_SEQUENCE = 64;

/** `{a,b}c` → `ac`, `bc`; `{1..3}` → `1`, `2`, `3`. A word without braces is given back as it is; a long row of numbers too. */
export function expandBraces(word: Word, budget: Budget): readonly Word[] {
  const hasBraces = word.some((part) => part.kind === 'text' && !part.quoted && part.text.includes('{'));
  if (!hasBraces) return [word];
  const atoms = word.flatMap((part): Atom[] => (part.kind === 'text' && !part.quoted ? [...part.text] : [part]));
  return expand(atoms, budget).map(parts);
}

function expand(atoms: readonly Atom[], budget: Budget): Atom[][] {
  budget.spend(atoms.length + 1);
  for (let open = 0; open < atoms.length; open++) {
    if (atoms[open] !== '{') continue;
    const found = alternatives(atoms, open, budget);
    if (!found) continue;
    return budget.nested(() => {
      const tails = expand(atoms.slice(found.end + 1), budget);
      const heads = found.list.flatMap((one) => expand(one, budget));
      const start = atoms.slice(0, open);
      budget.spend(heads.length * tails.length * (atoms.length + 1));
      return heads.flatMap((head) => tails.map((tail) => [...start, ...head, ...tail]));
    });
  }
  return [[...atoms]];
}

/** What stands between the brace at `open` and its partner; undefined when this is no brace expansion. */
function alternatives(
  atoms: readonly Atom[],
  open: number,
  budget: Budget,
): { list: Atom[][]; end: number } | undefined {
  const list: Atom[][] = [[]];
  let depth = 0;
  for (let end = open + 1; end < atoms.length; end++) {
    budget.spend(1);
    const atom = atoms[end]!;
    if (atom === '}' && depth === 0) {
      if (list.length > 1) return { list, end };
      const steps = sequence(list[0]!);
      return steps && { list: steps, end };
    }
    if (atom === ',' && depth === 0) list.push([]);
    else {
      if (atom === '{') depth++;
      if (atom === '}') depth--;
      list.at(-1)!.push(atom);
    }
  }
  return undefined;
}

function sequence(atoms: readonly Atom[]): Atom[][] | undefined {
  if (atoms.length > 22 || !atoms.every((atom) => typeof atom === 'string')) return undefined;
  const [, from, to] = SEQUENCE.exec(atoms.join('')) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const numbers = /\d/.test(from) && /\d/.test(to);
  if (!numbers && /\d/.test(from + to)) return undefined;
  const first = numbers ? Number(from) : from.charCodeAt(0);
  const last = numbers ? Number(to) : to.charCodeAt(0);
  const count = Math.abs(last - first) + 1;
  if (count > MOST_OF_A_SEQUENCE) return undefined;
  const step = last < first ? -1 : 1;
  return Array.from({ length: count }, (_, n) => {
    const value = first + n * step;
    return [...(numbers ? String(value) : String.fromCharCode(value))];
  });
}

function parts(atoms: readonly Atom[]): Word {
  const word: Part[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') word.push({ kind: 'text', text, quoted: false });
    text = '';
  };
  for (const atom of atoms) {
    if (typeof atom === 'string') text += atom;
    else {
      flush();
      word.push(atom);
    }
  }
  flush();
  return word;
}

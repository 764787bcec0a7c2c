import type { Key } from './keys.ts';
import { Line } from './line.ts';
import type { Frame } from './screen.ts';
import { bold, dim, reverse } from './style.ts';
import { hasAir, pageSize, type Room, type View } from './view.ts';
import { clean, cut } from './width.ts';
import { promptLine, statusLine } from './words.ts';

export interface Option {
  readonly name: string;
  readonly note: string;
}

/** The user went back. */
export const BACK = Symbol('back');
export type Back = typeof BACK;

const TRIES = 3;

/** A short list to choose one from, by number, name, or arrows. */
export class PickView implements View<string | Back> {
  readonly #room: Room;
  readonly #label: string;
  readonly #title: string;
  readonly #options: readonly Option[];
  readonly #line = new Line();
  #selected: number | undefined;
  #top = 0;
  #tries = 0;
  #notice = '';

  constructor(room: Room, label: string, title: string, options: readonly Option[]) {
    this.#room = room;
    this.#label = label;
    this.#title = title;
    this.#options = options;
  }

  key(key: Key): string | Back | undefined {
    this.#notice = '';
    if ('name' in key) {
      switch (key.name) {
        case 'enter':
          return this.#enter();
        case 'up':
        case 'down':
          this.#select(key.name === 'up' ? -1 : 1);
          return undefined;
        case 'page-up':
        case 'page-down':
          this.#select(pageSize(this.#room.rows) * (key.name === 'page-up' ? -1 : 1));
          return undefined;
        case 'escape':
        case 'ctrl-d':
          return BACK;
        case 'ctrl-c':
          if (this.#line.text === '' && this.#selected === undefined) return BACK;
          this.#line.text = '';
          this.#selected = undefined;
          return undefined;
      }
    }
    if (this.#line.apply(key)) this.#selected = undefined;
    const meant = this.#meant();
    if (meant !== undefined) this.#reveal(meant);
    return undefined;
  }

  frame(): Frame {
    const { width, rows } = this.#room;
    const prompt = promptLine(this.#label, this.#line, 'number or name, q goes back', width);
    const air = hasAir(rows) ? [''] : [];
    const page = pageSize(rows);
    const marked = this.#meant();
    const ids = String(this.#options.length).length;
    const body = this.#options.slice(this.#top, this.#top + page).map(({ name, note }, i) => {
      const start = `${String(this.#top + i + 1).padStart(Math.max(2, ids))}  `;
      const text = cut(clean(name), width - 1 - start.length);
      const rest = note === '' ? '' : cut(`  ${note}`, Math.max(0, width - 1 - start.length - text.length));
      return this.#top + i === marked ? reverse(`>${start}${text}${rest}`) : ` ${start}${text}${dim(rest)}`;
    });
    const pages = Math.ceil(this.#options.length / page);
    const place = pages > 1 ? [`page ${Math.floor(this.#top / page) + 1}/${pages}`] : [];
    const status =
      this.#notice === ''
        ? statusLine(
            [marked === undefined ? 'arrows select, Enter takes it' : 'Enter takes it', ...place, 'q goes back'],
            width,
          )
        : bold(cut(` ${this.#notice}`, width));
    return {
      lines: [prompt.text, ...air, bold(cut(` ${this.#title}`, width)), ...body, ...air, status],
      cursor: prompt.cursor,
    };
  }

  #enter(): string | Back | undefined {
    const meant = this.#meant();
    if (meant !== undefined) return this.#options[meant]!.name;
    const text = this.#line.text.trim();
    if (/^[qb]$/i.test(text)) return BACK;
    if (++this.#tries >= TRIES) return BACK;
    this.#notice = text === '' ? 'Type the number or the name of one of these.' : `"${text}" is none of these.`;
    this.#line.text = '';
    return undefined;
  }

  /** The option Enter would take: the selected one, else the one whose name or number was typed. */
  #meant(): number | undefined {
    if (this.#selected !== undefined) return this.#selected;
    const text = this.#line.text.trim();
    const named = this.#options.findIndex(({ name }) => name === text);
    if (named >= 0) return named;
    const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
    return number >= 1 && number <= this.#options.length ? number - 1 : undefined;
  }

  #select(step: number): void {
    const last = this.#options.length - 1;
    this.#selected = Math.max(
      0,
      Math.min(last, this.#selected === undefined ? (step > 0 ? 0 : last) : this.#selected + step),
    );
    this.#reveal(this.#selected);
  }

  #reveal(row: number): void {
    const page = pageSize(this.#room.rows);
    if (row < this.#top || row >= this.#top + page) this.#top = row - (row % page);
  }
}

/** One line to type; a hidden one shows nothing of it. Empty visible lines are asked again, three times in all. */
export class AskView implements View<string | Back> {
  readonly #room: Room;
  readonly #label: string;
  readonly #hidden: boolean;
  readonly #line = new Line();
  #tries = 0;

  constructor(room: Room, label: string, hidden: boolean) {
    this.#room = room;
    this.#label = label;
    this.#hidden = hidden;
  }

  key(key: Key): string | Back | undefined {
    if ('name' in key) {
      if (key.name === 'escape' || key.name === 'ctrl-c' || key.name === 'ctrl-d') return BACK;
      if (key.name === 'enter') return this.#enter();
    }
    this.#line.apply(key);
    return undefined;
  }

  frame(): Frame {
    const { width } = this.#room;
    const shown = this.#hidden ? new Line() : this.#line;
    const hint = this.#hidden ? '(not shown)' : this.#tries > 0 ? '(type something, or Esc to go back)' : '';
    const prompt = promptLine(this.#label, shown, this.#hidden && this.#line.text !== '' ? '' : hint, width);
    return { lines: [prompt.text], cursor: prompt.cursor };
  }

  #enter(): string | Back | undefined {
    if (this.#hidden) return this.#line.text;
    const text = this.#line.text.trim();
    if (text !== '') return text;
    return ++this.#tries >= TRIES ? BACK : undefined;
  }
}

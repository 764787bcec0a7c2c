import { globShape, MANY, ONE, UNKNOWN } from './glob.ts';

/** What something writes: the parts of it that are known, and whether that is all. */
export interface Output {
  readonly text: string;
  readonly complete: boolean;
}

/** A word as the command gets it. */
export interface Field {
  /** For people: what is not known stands as it was written (`$x`, `*`). */
  readonly text: string;
  /** For matching: see `glob.ts` for the stand-ins of what is not known. */
  readonly shape: string;
  /** What could not be told, as it was written. */
  readonly undecided: readonly string[];
  /** What is known all the same of each unknown value in the shape, in its order. */
  readonly known?: readonly string[] | undefined;
  /** It is the name of a pipe that gives this (`<(echo …)`). */
  readonly input?: Output | undefined;
}

export function plainField(text: string): Field {
  return { text, shape: text, undecided: [] };
}

/** What it becomes if there is no more to its unknown values than is known: nothing, a word, or several. */
export function ifNoMore(field: Field): readonly Field[] {
  const known = [...(field.known ?? [])];
  const shape = field.shape.replaceAll(UNKNOWN, () => known.shift() ?? '');
  return shape
    .split(/[ \t\n]+/)
    .filter((word) => word !== '')
    .map((word) => ({ text: word.replaceAll(MANY, '*').replaceAll(ONE, '?'), shape: word, undecided: [] }));
}

/** Gathers the words one written word becomes. */
export class FieldBuilder {
  readonly fields: Field[] = [];
  #text = '';
  #shape = '';
  #begun = false;
  #undecided: string[] = [];
  #known: string[] = [];
  #input: Output | undefined;
  /** `$x` so far, which a letter behind it would make another name. */
  #bare: string | undefined;
  /** A quoted list without a word is none, not an empty one. */
  #emptyList = false;

  /** White space in what is not quoted ends a word; in the text of the line itself there is none. */
  literal(text: string, quoted: boolean): void {
    if (this.#bare !== undefined && /^\w/.test(text)) {
      this.#text = `${this.#text.slice(0, -this.#bare.length)}\${${this.#bare.slice(1)}}`;
    }
    if (text !== '') this.#bare = undefined;
    this.#text += text;
    this.#shape += quoted ? text : globShape(text);
    this.#begun = true;
  }

  value(values: readonly string[], quoted: boolean): void {
    if (values.length === 0) this.#emptyList = true;
    values.forEach((value, n) => {
      if (n > 0) this.end();
      if (quoted) this.literal(value, true);
      else this.#split(value);
    });
  }

  /** `known` is what is known of the value, `input` what the pipe of this name gives. */
  unknown(source: string, known = '', input?: Output): void {
    this.#known.push(known);
    this.#bare = /^\$\w+$/.test(source) ? source : undefined;
    this.#text += source;
    this.#shape += UNKNOWN;
    this.#begun = true;
    this.#input = input;
    if (!input?.complete) this.#undecided.push(source);
  }

  end(): void {
    if (this.#begun && !(this.#emptyList && this.#text === '')) {
      const field = { text: this.#text, shape: this.#shape, undecided: this.#undecided, known: this.#known };
      this.fields.push(this.#input === undefined ? field : { ...field, input: this.#input });
    }
    this.#text = '';
    this.#shape = '';
    this.#begun = false;
    this.#emptyList = false;
    this.#bare = undefined;
    this.#undecided = [];
    this.#known = [];
    this.#input = undefined;
  }

  #split(value: string): void {
    value.split(/[ \t\n]+/).forEach((piece, n) => {
      if (n > 0) this.end();
      if (piece !== '') this.literal(piece, false);
    });
  }
}

/** The one text of these words, null when something of it is not known. */
export function knownText(fields: readonly Field[], between = ' '): string | null {
  return fields.every((field) => field.undecided.length === 0 && !field.shape.includes(UNKNOWN))
    ? fields.map((field) => field.text).join(between)
    : null;
}

/** The name of the command without its directory. In zsh `=rm` is where `rm` lies. */
export function baseName(text: string): string {
  const base = text.slice(text.lastIndexOf('/') + 1);
  return base.length > 1 && base.startsWith('=') ? base.slice(1) : base;
}

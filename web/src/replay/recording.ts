import { api } from '../kit/api.ts';

/** `o` output, `r` a size, `m` a marker. */
export type ReplayEvent = readonly [seconds: number, kind: 'o' | 'r' | 'm', data: string];
export type RecordingIndex = Awaited<ReturnType<typeof api.sessions.recordingIndex>>;

/** Parts that are kept: those around the moment that is shown. Each is a mebibyte of text at most. */
const KEPT = 8;

/** A recording that is loaded part by part as it is played. */
export class Recording {
  readonly index: RecordingIndex;
  readonly #id: string;
  readonly #parts = new Map<string, Promise<readonly ReplayEvent[]>>();

  constructor(id: string, index: RecordingIndex) {
    this.#id = id;
    this.index = index;
  }

  /** The part in which this moment (seconds) lies. */
  partAt(seconds: number): number {
    const { parts } = this.index;
    let low = 0;
    let high = parts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (parts[middle]!.start <= seconds) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Where playing has to begin for the screen to be right in this part: at it, or before. */
  drawnFrom(part: number): number {
    let from = part;
    while (from > 0 && !this.index.parts[from]!.screen) from--;
    return from;
  }

  /** `screen`: begins with the screen as it stood, where that is kept. */
  load(part: number, screen: boolean): Promise<readonly ReplayEvent[]> {
    const key = `${part}${screen ? ' with its screen' : ''}`;
    const known = this.#parts.get(key);
    if (known) {
      // the least recently used goes first
      this.#parts.delete(key);
      this.#parts.set(key, known);
      return known;
    }
    const asked = this.#fetch(part, screen);
    this.#parts.set(key, asked);
    asked.catch(() => this.#parts.delete(key));
    for (const old of this.#parts.keys()) {
      if (this.#parts.size <= KEPT) break;
      this.#parts.delete(old);
    }
    return asked;
  }

  async #fetch(part: number, screen: boolean): Promise<readonly ReplayEvent[]> {
    let text = '';
    for await (const piece of api.sessions.recordingPart({
      id: this.#id,
      part: String(part),
      ...(screen && { screen }),
    }))
      text += piece;
    const events: ReplayEvent[] = [];
    for (const line of text.split('\n')) if (line !== '') events.push(JSON.parse(line) as ReplayEvent);
    return events;
  }
}

import type { Input } from './input.ts';
import type { Key } from './keys.ts';
import type { Frame, Screen } from './screen.ts';

/** Something that fills the region and takes keys until it has an answer. */
export interface View<T> {
  frame(): Frame;
  /** Undefined: go on. */
  key(key: Key): T | undefined;
}

/** Columns and rows a view may fill. */
export interface Room {
  readonly width: number;
  readonly rows: number;
}

/** Rows of a list that fit one page, with what stands around them; tiny terminals give up the air first. */
export function pageSize(rows: number): number {
  return Math.max(rows - 8, Math.min(rows - 4, 6), 1);
}

/** Whether there is room for blank lines between the parts. */
export function hasAir(rows: number): boolean {
  return rows - 8 >= 6;
}

/** Shows a view until it answers; undefined when the keyboard ended first. Draws only when no further key waits. */
export async function interact<T>(input: Input, screen: Screen, view: View<T>): Promise<T | undefined> {
  screen.show(view);
  try {
    for (;;) {
      if (!input.ready) screen.refresh();
      const key = await input.next();
      if (key === undefined) return undefined;
      if ('name' in key && key.name === 'ctrl-l') screen.clear();
      const answer = view.key(key);
      if (answer !== undefined) return answer;
    }
  } finally {
    screen.show(undefined);
  }
}

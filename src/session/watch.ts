import type { Size } from '../kernel/channel.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { Screen } from './screen.ts';
import type { EndReason, Watcher } from './types.ts';

interface Seat {
  readonly watcher: Watcher;
  /** `waiting` for a picture, `live`, or `slow`: gets nothing until it is ready for a new picture. */
  state: 'waiting' | 'live' | 'slow' | 'gone';
  /** Sentences that wait for the picture, which would wipe them out. */
  readonly notices: string[];
}

/** Those who watch one session. None of them can hold it up: who is slow misses output and gets a new picture. */
export class Watchers {
  readonly #screen: Screen;
  readonly #seats = new Set<Seat>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** The picture first, then what there is to say, then everything that comes after it. */
  add(watcher: Watcher, notices: readonly string[] = []): Disposer {
    const seat: Seat = { watcher, state: 'waiting', notices: [...notices] };
    this.#seats.add(seat);
    watcher.onReady(() => {
      if (seat.state === 'slow') this.#picture(seat);
    });
    this.#picture(seat);
    return () => {
      seat.state = 'gone';
      this.#seats.delete(seat);
    };
  }

  output(chunk: Buffer): void {
    for (const seat of this.#seats) if (seat.state === 'live') give(seat, chunk);
  }

  resize(size: Size): void {
    for (const seat of this.#seats) if (seat.state === 'live') seat.watcher.resize(size);
  }

  notice(text: string): void {
    for (const seat of this.#seats) {
      if (seat.state === 'live') seat.watcher.notice(text);
      else seat.notices.push(text);
    }
  }

  ended(reason: EndReason): void {
    for (const seat of this.#seats) {
      seat.state = 'gone';
      seat.watcher.ended(reason);
    }
    this.#seats.clear();
  }

  #picture(seat: Seat): void {
    seat.state = 'waiting';
    this.#screen.snapshot(({ screen, size, since }) => {
      if (seat.state !== 'waiting') return;
      seat.state = 'live';
      seat.watcher.snapshot(screen, size);
      for (const text of seat.notices.splice(0)) seat.watcher.notice(text);
      for (const event of since) {
        if (seat.state !== 'live') return;
        if (Buffer.isBuffer(event)) give(seat, event);
        else seat.watcher.resize(event);
      }
    });
  }
}

function give(seat: Seat, chunk: Buffer): void {
  if (!seat.watcher.output(chunk)) seat.state = 'slow';
}

import type { Recording, ReplayEvent } from './recording.ts';

/** What the player's screen is told. */
export interface PlaybackScreen {
  reset(cols: number, rows: number): void;
  resize(cols: number, rows: number): void;
  feed(text: string): void;
}

export interface PlaybackState {
  /** Seconds. */
  readonly time: number;
  readonly duration: number;
  readonly playing: boolean;
  /** Waits for a part of the recording. */
  readonly loading: boolean;
  readonly speed: number;
  readonly skipIdle: boolean;
  readonly error: unknown;
}

/** With idle time skipped, so much of each pause is left. */
export const IDLE_LIMIT = 2;
export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;
/** Text drawn in one go; more than that and playing falls behind its clock rather than freezing the page. */
const DRAW_AT_ONCE = 512 * 1024;
/** Of a search for a moment far away, so much is drawn before the page has its turn. */
const SEEK_AT_ONCE = 2 * 1024 * 1024;

/**
 * Plays a recording onto a screen: its clock, and which part is needed when. Time is that of the session, whatever is
 * skipped, so that a second named in a link or a list is the same everywhere.
 */
export class Playback {
  readonly #recording: Recording;
  readonly #screen: PlaybackScreen;
  readonly #listeners = new Set<() => void>();
  #state: PlaybackState;
  #part = -1;
  #events: readonly ReplayEvent[] = [];
  #next = 0;
  /** When the last event was drawn. */
  #lastEvent = 0;
  /** Counts jumps: what was loaded for an earlier one is of no use any more. */
  #jump = 0;
  #frame = 0;
  #lastTick = 0;
  #stopped = false;

  constructor(recording: Recording, screen: PlaybackScreen) {
    this.#recording = recording;
    this.#screen = screen;
    const { duration } = recording.index;
    this.#state = { time: 0, duration, playing: false, loading: false, speed: 1, skipIdle: true, error: undefined };
  }

  get state(): PlaybackState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async play(): Promise<void> {
    if (this.#state.playing) return;
    if (this.#state.time >= this.#state.duration) await this.seek(0);
    this.#set({ playing: true, error: undefined });
    this.#run();
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#set({ playing: false });
  }

  setSpeed(speed: number): void {
    this.#set({ speed });
  }

  setSkipIdle(skipIdle: boolean): void {
    this.#set({ skipIdle });
  }

  /** Shows this moment; goes on playing when it was. */
  async seek(seconds: number): Promise<void> {
    const time = Math.min(Math.max(0, seconds), this.#state.duration);
    const jump = ++this.#jump;
    cancelAnimationFrame(this.#frame);
    this.#set({ time, loading: true, error: undefined });
    try {
      await this.#draw(time, jump);
    } catch (error) {
      if (jump === this.#jump) this.#set({ loading: false, playing: false, error });
      return;
    }
    if (jump !== this.#jump) return;
    this.#set({ loading: false });
    if (this.#state.playing) this.#run();
  }

  /** To the next output, standing still. */
  async step(): Promise<void> {
    this.pause();
    const next = this.#events.slice(this.#next).find(([, kind]) => kind === 'o');
    const later = this.#recording.index.parts[this.#part + 1];
    const at = next?.[0] ?? later?.start;
    if (at !== undefined) await this.seek(at);
  }

  stop(): void {
    this.#stopped = true;
    this.#jump++;
    cancelAnimationFrame(this.#frame);
    this.#listeners.clear();
  }

  async #draw(time: number, jump: number): Promise<void> {
    const target = this.#recording.partAt(time);
    const from = this.#recording.drawnFrom(target);
    // what comes soon after what is shown is drawn on top of it
    const onwards = this.#part >= from && this.#part <= target && this.#lastEvent <= time;
    if (!onwards) {
      const events = await this.#recording.load(from, true);
      if (jump !== this.#jump) return;
      const { cols, rows } = this.#recording.index;
      this.#screen.reset(cols, rows);
      this.#enter(from, events);
    }
    for (;;) {
      while (!this.#drawUntil(time, SEEK_AT_ONCE)) {
        await breath();
        if (jump !== this.#jump) return;
      }
      if (this.#part >= target) return;
      const events = await this.#recording.load(this.#part + 1, false);
      if (jump !== this.#jump) return;
      this.#enter(this.#part + 1, events);
    }
  }

  #enter(part: number, events: readonly ReplayEvent[]): void {
    this.#part = part;
    this.#events = events;
    this.#next = 0;
    this.#lastEvent = this.#recording.index.parts[part]!.start;
  }

  /** Draws what came up to this moment. False when there is more of it than may be drawn in one go. */
  #drawUntil(time: number, most: number): boolean {
    let text = '';
    for (let event = this.#events[this.#next]; event && event[0] <= time; event = this.#events[++this.#next]) {
      const [at, kind, data] = event;
      if (kind === 'o') text += data;
      else if (kind === 'r') {
        this.#screen.feed(text);
        text = '';
        this.#resize(data);
      }
      this.#lastEvent = at;
      if (text.length < most) continue;
      this.#screen.feed(text);
      this.#next++;
      return false;
    }
    if (text !== '') this.#screen.feed(text);
    return true;
  }

  #resize(size: string): void {
    const [cols, rows] = size.split('x').map(Number);
    if (cols && rows && cols <= 1000 && rows <= 500) this.#screen.resize(cols, rows);
  }

  #run(): void {
    this.#lastTick = performance.now();
    const tick = () => {
      if (!this.#state.playing || this.#stopped) return;
      const now = performance.now();
      const passed = ((now - this.#lastTick) / 1000) * this.#state.speed;
      this.#lastTick = now;
      this.#advance(passed);
    };
    this.#goOn = () => {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(tick);
    };
    this.#goOn();
  }

  #goOn: () => void = () => {};

  #advance(passed: number): void {
    const { duration, skipIdle } = this.#state;
    let time = this.#state.time + passed;
    const next = this.#events[this.#next]?.[0] ?? this.#recording.index.parts[this.#part + 1]?.start ?? duration;
    if (skipIdle && next > time && time - this.#lastEvent > IDLE_LIMIT) time = next;
    time = Math.min(time, duration);
    // more than can be drawn: the clock waits
    if (!this.#drawUntil(time, DRAW_AT_ONCE)) time = this.#lastEvent;
    const isPartOver = this.#next >= this.#events.length;
    const after = this.#recording.index.parts[this.#part + 1];
    if (isPartOver && after && after.start <= time) {
      this.#set({ time });
      void this.#nextPart();
      return;
    }
    if (isPartOver && !after && time >= duration) {
      this.#set({ time: duration, playing: false });
      return;
    }
    // asked for before it is needed
    if (after && this.#next > this.#events.length / 2) void this.#recording.load(this.#part + 1, false).catch(() => {});
    this.#set({ time });
    this.#goOn();
  }

  async #nextPart(): Promise<void> {
    const jump = this.#jump;
    this.#set({ loading: true });
    try {
      const events = await this.#recording.load(this.#part + 1, false);
      if (jump !== this.#jump) return;
      this.#enter(this.#part + 1, events);
      this.#set({ loading: false });
      if (this.#state.playing) this.#run();
    } catch (error) {
      if (jump === this.#jump) this.#set({ loading: false, playing: false, error });
    }
  }

  #set(change: Partial<PlaybackState>): void {
    if (this.#stopped) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Lets the page do what waits. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

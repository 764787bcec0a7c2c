import { type CliIo, Interrupted } from '../io.ts';
import { clockTime } from '../output/time.ts';
import { type CastFile, type PlacedEvent, parseSize } from './cast.ts';
import type { PlayOptions } from './play-plain.ts';
import { openRawTerminal } from './raw-terminal.ts';
import { Screen } from './screen.ts';
import { Viewer } from './viewer.ts';

const SEEK_SECONDS = 5;
/** Short recordings are always played again from their start; in longer ones the screen is kept from time to time. */
const KEYFRAME_BYTES = 4 * 2 ** 20;
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

interface Keyframe {
  readonly at: number;
  readonly place: number;
  readonly cols: number;
  readonly rows: number;
  readonly state: string;
}

/**
 * Plays a recording on the viewer's terminal: space pauses, `.` steps, the arrows go five seconds back and forth,
 * `+` and `-` change the speed, `q` quits. Returns the last screen as text when the end was reached, nothing when
 * the viewer left.
 */
export async function replaySession(
  io: CliIo,
  cast: CastFile,
  options: PlayOptions & { title: string },
): Promise<string[] | undefined> {
  const terminal = openRawTerminal(io);
  const player = new Player(io, cast, options);
  try {
    terminal.onKey((key) => player.key(key));
    terminal.onStop((signal) => player.stop(signal));
    terminal.onResize(() => player.viewer.resized());
    return await player.run();
  } finally {
    player.close();
    terminal.close();
  }
}

class Player {
  readonly viewer: Viewer;
  readonly #cast: CastFile;
  readonly #title: string;
  readonly #idleLimit: number;
  #screen: Screen;
  #events: AsyncGenerator<PlacedEvent>;
  #next: PlacedEvent | undefined;
  #place = 0;
  #keyframes: Keyframe[] = [];

  /** Seconds into the recording, and the moment of the wall clock that stands for them. */
  #position = 0;
  #anchor = performance.now();
  #speed: number;
  #paused = false;
  #step = false;
  #seekTo: number | undefined;
  #leaving: 'quit' | NodeJS.Signals | undefined;
  #wake = () => {};

  constructor(io: CliIo, cast: CastFile, options: PlayOptions & { title: string }) {
    this.#cast = cast;
    this.#title = options.title;
    this.#idleLimit = options.idleLimit;
    this.#speed = options.speed;
    this.#screen = new Screen(cast.size.cols, cast.size.rows);
    this.#events = cast.events();
    this.viewer = new Viewer(io, this.#screen);
    if (options.at > 0) this.#seekTo = options.at;
  }

  async run(): Promise<string[] | undefined> {
    let told = false;
    while (!this.#leaving) {
      if (!told && this.viewer.cut) {
        told = true;
        this.viewer.say(
          `this terminal is smaller than the recorded ${this.#screen.cols}x${this.#screen.rows}: part of it is not shown`,
        );
      }
      this.#showStatus();
      if (this.#seekTo !== undefined) {
        await this.#seek(this.#seekTo);
        continue;
      }
      if (this.#paused && !this.#step) {
        await this.#sleep(undefined);
        continue;
      }
      const next = await this.#peek();
      if (!next) return this.#end();
      if (this.#step) {
        this.#setPosition(next.at);
        this.#step = next.kind !== 'o';
      } else if (await this.#due(next)) {
        this.#advance(next.at);
      } else {
        continue;
      }
      await this.#apply(next);
      this.viewer.changed();
    }
    if (this.#leaving !== 'quit') throw new Interrupted(this.#leaving);
    return undefined;
  }

  key(key: string): void {
    const aim = this.#seekTo ?? this.#now();
    if (key === 'q' || key === 'Q' || key === 'ctrl-c') this.#leaving = 'quit';
    else if (key === 'space') this.#setPaused(!this.#paused);
    else if (key === '.') {
      this.#setPaused(true);
      this.#step = true;
    } else if (key === 'left') this.#seekTo = Math.max(0, aim - SEEK_SECONDS);
    else if (key === 'right') this.#seekTo = Math.min(this.#cast.duration, aim + SEEK_SECONDS);
    else if (key === '+' || key === '=') this.#setSpeed(SPEEDS.find((speed) => speed > this.#speed) ?? this.#speed);
    else if (key === '-') this.#setSpeed(SPEEDS.findLast((speed) => speed < this.#speed) ?? this.#speed);
    this.#wake();
  }

  stop(signal: NodeJS.Signals): void {
    this.#leaving ??= signal;
    this.#wake();
  }

  close(): void {
    this.viewer.close();
    this.#screen.dispose();
  }

  /** Waits until an event's time has come; false when something else is to be done first. */
  async #due(next: PlacedEvent): Promise<boolean> {
    const now = this.#now();
    if (next.at - now > this.#idleLimit) this.#setPosition(next.at - this.#idleLimit);
    const wait = ((next.at - this.#position) * 1000) / this.#speed - (performance.now() - this.#anchor);
    if (!(wait > 0)) return true;
    return this.#sleep(Math.min(wait, 1000));
  }

  /** Sleeps; always false, since whoever slept must look again at what is due. */
  async #sleep(ms: number | undefined): Promise<boolean> {
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
    return false;
  }

  async #peek(): Promise<PlacedEvent | undefined> {
    this.#next ??= (await this.#events.next()).value ?? undefined;
    return this.#next;
  }

  /** Takes the event that was peeked at into the screen. */
  async #apply(event: PlacedEvent): Promise<void> {
    this.#next = undefined;
    this.#place = event.end;
    if (event.kind === 'o') await this.#screen.write(event.data);
    else if (event.kind === 'r') {
      const size = parseSize(event.data);
      if (size) this.#screen.resize(size.cols, size.rows);
    }
    if (event.end - (this.#keyframes.at(-1)?.place ?? 0) >= KEYFRAME_BYTES) {
      const { cols, rows } = this.#screen;
      this.#keyframes.push({ at: event.at, place: event.end, cols, rows, state: this.#screen.serialize() });
    }
  }

  async #seek(target: number): Promise<void> {
    const upcoming = await this.#peek();
    const ahead = this.#keyframes.findLast((frame) => frame.at <= target && frame.place > this.#place);
    if (target < this.#position || ahead) await this.#restart(this.#keyframes.findLast((frame) => frame.at <= target));
    else this.#next = upcoming;
    for (let next = await this.#peek(); next && next.at <= target; next = await this.#peek()) {
      await this.#apply(next);
      // a further key press aims elsewhere
      if (this.#leaving || this.#seekTo !== target) break;
    }
    if (this.#seekTo === target) this.#seekTo = undefined;
    this.#setPosition(target);
    this.viewer.changed();
  }

  async #restart(frame: Keyframe | undefined): Promise<void> {
    const { cols, rows } = frame ?? this.#cast.size;
    const old = this.#screen;
    this.#screen = new Screen(cols, rows);
    if (frame) await this.#screen.write(frame.state);
    this.viewer.use(this.#screen);
    old.dispose();
    await this.#events.return(undefined);
    this.#place = frame?.place ?? 0;
    this.#events = this.#cast.events(this.#place);
    this.#next = undefined;
  }

  #end(): string[] {
    this.viewer.draw();
    return this.#screen.text();
  }

  #now(): number {
    if (this.#paused || !Number.isFinite(this.#speed)) return this.#position;
    const now = this.#position + ((performance.now() - this.#anchor) / 1000) * this.#speed;
    return Math.min(now, this.#next?.at ?? this.#cast.duration);
  }

  #setPosition(seconds: number): void {
    this.#position = seconds;
    this.#anchor = performance.now();
  }

  /** As `setPosition` for an event whose time has come; the delay with which it was noticed does not add up. */
  #advance(seconds: number): void {
    if (Number.isFinite(this.#speed)) this.#anchor += (Math.max(0, seconds - this.#position) * 1000) / this.#speed;
    this.#position = Math.max(this.#position, seconds);
  }

  #setPaused(paused: boolean): void {
    this.#setPosition(this.#now());
    this.#paused = paused;
  }

  #setSpeed(speed: number): void {
    this.#setPosition(this.#now());
    this.#speed = speed;
  }

  #showStatus(): void {
    const speed = Number.isFinite(this.#speed) && this.#speed !== 1 ? ` · ${this.#speed}x` : '';
    const paused = this.#paused ? ' · paused' : '';
    const time = `${clockTime(this.#now() * 1000)} / ${clockTime(this.#cast.duration * 1000)}`;
    this.viewer.status(`${time}${speed}${paused} · ${this.#title} · q quits, space pauses, ←→ seek, +- speed`);
  }
}

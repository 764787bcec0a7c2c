import { Emitter } from '../kernel/lifecycle.ts';
import { plain } from '../kernel/printable.ts';

/** What is typed while the target takes nothing; whoever types more than this has to stop. */
const QUEUE_BYTES = 64 * 1024;

/** Somebody at a session who is not its user. */
export interface Person {
  readonly name: string;
  readonly typing: boolean;
}

/** One who looks on, as the session holds them. */
export interface Participant {
  readonly name: string;
  /** Came by a link, and not by a right of their own: the person at the terminal is told. */
  readonly shared: boolean;
  readonly typing: boolean;
}

interface Seat extends Participant {
  typing: boolean;
  readonly typingChanged: (on: boolean) => void;
}

export interface ParticipantsHost {
  /** A sentence for the terminal and the recording. */
  readonly notice: (text: string) => void;
  /** To the target, by the way the user's own keys go. */
  readonly input: (chunk: Buffer) => void;
}

/**
 * Who looks on at one session, and who types along. Their input waits when the target takes none, in order and bounded.
 */
export class Participants {
  readonly #host: ParticipantsHost;
  readonly #seats = new Set<Seat>();
  readonly #changes = new Emitter<void>();
  #held = false;
  #queue: { readonly seat: Seat; readonly chunk: Buffer }[] = [];
  #queued = 0;

  constructor(host: ParticipantsHost) {
    this.#host = host;
  }

  /** Everybody: for who may see the sessions of others. */
  get all(): Person[] {
    return persons(this.#seats);
  }

  /** Of whom the person at the terminal is told: who types along, and who came by a link. */
  get announced(): Person[] {
    return persons([...this.#seats].filter(({ shared, typing }) => shared || typing));
  }

  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** `typingChanged` is told whenever this one begins or ceases to type along, by their own wish or not. */
  enter(name: string, shared: boolean, typingChanged: (on: boolean) => void): Participant {
    const seat: Seat = { name: plain(name), shared, typing: false, typingChanged };
    this.#seats.add(seat);
    if (shared) this.#host.notice(`${seat.name} watches this session by a link.`);
    this.#changes.emit();
    return seat;
  }

  leave(participant: Participant): void {
    const seat = this.#seatOf(participant);
    if (!seat) return;
    this.setTyping(seat, false);
    this.#seats.delete(seat);
    if (seat.shared) this.#host.notice(`${seat.name} no longer watches.`);
    this.#changes.emit();
  }

  setTyping(participant: Participant, on: boolean): void {
    const seat = this.#seatOf(participant);
    if (!seat || seat.typing === on) return;
    seat.typing = on;
    // what waits would be typed in their name after everybody was told that they no longer do
    if (!on) this.#keep((waiting) => waiting.seat !== seat);
    this.#host.notice(on ? `${seat.name} types along now.` : `${seat.name} no longer types.`);
    seat.typingChanged(on);
    this.#changes.emit();
  }

  /** What is typed by who does not type along goes nowhere. */
  type(participant: Participant, chunk: Buffer): void {
    const seat = this.#seatOf(participant);
    if (!seat?.typing) return;
    if (!this.#held) this.#host.input(chunk);
    else if (this.#queued + chunk.length > QUEUE_BYTES) this.setTyping(seat, false);
    else {
      this.#queue.push({ seat, chunk });
      this.#queued += chunk.length;
    }
  }

  /** The target takes no input: the counterpart of pausing the user's channel. */
  pause(): void {
    this.#held = true;
  }

  resume(): void {
    this.#held = false;
    while (!this.#held) {
      const waiting = this.#queue.shift();
      if (!waiting) return;
      this.#queued -= waiting.chunk.length;
      this.#host.input(waiting.chunk);
    }
  }

  /** What waits is given up. */
  drop(): void {
    this.#keep(() => false);
  }

  #keep(which: (waiting: { readonly seat: Seat }) => boolean): void {
    this.#queue = this.#queue.filter(which);
    this.#queued = this.#queue.reduce((bytes, { chunk }) => bytes + chunk.length, 0);
  }

  #seatOf(participant: Participant): Seat | undefined {
    return this.#seats.has(participant as Seat) ? (participant as Seat) : undefined;
  }
}

/** By name: somebody may look on in several windows. */
function persons(seats: Iterable<Seat>): Person[] {
  const byName = new Map<string, boolean>();
  for (const { name, typing } of seats) byName.set(name, typing || (byName.get(name) ?? false));
  return [...byName].map(([name, typing]) => ({ name, typing }));
}

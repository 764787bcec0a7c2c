import type { TransferDirection } from '../../store/model.ts';
import { Detector } from './detector.ts';
import { Follower } from './follower.ts';
import { type FrameEvents, FrameReader } from './frame-reader.ts';
import { asked, type HeaderReader } from './header.ts';
import type { ZmodemHost } from './host.ts';
import { missing, Reports, type Unfinished } from './reports.ts';

/** So long after a program has asked for a transfer its answer may begin one; programs ask again each ten seconds. */
const OFFER_MS = 120_000;
/** After the end of a transfer its last bytes are told from what people type until there is so much silence. */
const QUIET_MS = 1000;
/** So much that is no frame may come between two of them: a message of the system, not a session. */
const MOST_STRAYS = 4096;
/** Stops every program that speaks ZMODEM; the backspaces are for a shell that got the rest. */
const CANCEL = Buffer.from('\x18'.repeat(8) + '\b'.repeat(10), 'latin1');
/** What sz sends in front of its first header, for a shell where nobody has typed it. */
const INVITATION = Buffer.from('rz\r');
const CR = 0x0d;
const LF = 0x0a;
/** Ctrl-O is an Enter too. */
const CTRL_O = 0x0f;

/** A program on the target wants to send or to receive. */
interface Offer {
  readonly direction: TransferDirection;
  readonly at: number;
}

/** One direction while a transfer passes, and until its last bytes have. */
interface Side {
  readonly reader: FrameReader;
  /** Frames go no further. */
  drop: boolean;
}

/**
 * Sees ZMODEM transfers in a terminal. Nothing of what passes is altered, unless it is refused or stopped. Only what is
 * proven by checksums to be a frame is kept from the recording: everything else remains output and keys.
 */
export class ZmodemWatch {
  readonly #host: ZmodemHost;
  readonly #reports: Reports;
  readonly #starts = new Detector();
  readonly #answers = new Detector();
  #offer: Offer | undefined;
  #follower: Follower | undefined;
  /** A whole file came through since the transfer began. */
  #proven = false;
  #out: Side | undefined;
  #in: Side | undefined;
  #strays = 0;
  /** Bytes at the end of what was just read that are not a transfer's. */
  #typed = 0;
  #lastByte = 0;
  #cancelTimer: (() => void) | undefined;
  #later: string[] = [];

  constructor(host: ZmodemHost) {
    this.#host = host;
    this.#reports = new Reports(host);
  }

  /** A transfer is under way. */
  get active(): boolean {
    return this.#follower !== undefined;
  }

  /** Output of the target. False: it is no transfer's, and nothing has been done with it. */
  output(chunk: Buffer): boolean {
    if (this.#follower?.direction === 'download') this.#checkRight(this.#follower);
    for (let at = 0; at < chunk.length; ) {
      if (this.#out) {
        at = this.#followOutput(this.#out, chunk, at);
        continue;
      }
      const end = this.#starts.find(chunk, at);
      if (end < 0) {
        if (at === 0) return false;
        this.#ordinary(chunk.subarray(at));
        break;
      }
      this.#begins(chunk, at, end);
      at = end;
    }
    this.#settle();
    return true;
  }

  /** Input of the client. False: it is no transfer's, and nothing has been done with it. */
  input(chunk: Buffer): boolean {
    if (!this.#in && !this.#offered()) return false;
    if (this.#follower?.direction === 'upload') this.#checkRight(this.#follower);
    for (let at = 0; at < chunk.length; ) {
      if (this.#in) {
        at = this.#followInput(this.#in, chunk, at);
        continue;
      }
      const offer = this.#offered();
      const end = offer ? this.#answers.find(chunk, at) : -1;
      const rest = chunk.subarray(at, end < 0 ? chunk.length : this.#answers.start);
      const invitation = offer?.direction === 'upload' && rest.equals(INVITATION);
      if (end < 0 && at === 0 && !invitation) return false;
      if (invitation) this.#host.send(rest);
      else if (rest.length > 0) this.#host.typed(rest);
      at += rest.length;
      if (!offer || end < 0) continue;
      this.#answered(offer.direction, this.#answers.header);
      this.#host.send(chunk.subarray(at, end));
      at = end;
    }
    this.#settle();
    return true;
  }

  /** Keeps a sentence for the user's terminal while it shows a transfer instead. False when it shows text. */
  postpone(text: string): boolean {
    if (!this.active) return false;
    this.#later.push(text);
    return true;
  }

  /** Stops the transfer that is under way, on both sides. */
  stop({ result, detail, gone }: Unfinished): void {
    this.#offer = undefined;
    if (!this.#follower) return;
    this.#follower.end(result, detail);
    this.#cancel(gone);
    this.#settle();
  }

  /** The session ends: nothing is awaited any more. */
  finish(unfinished: Unfinished): void {
    this.stop(unfinished);
    this.#cancelTimer?.();
  }

  #offered(): Offer | undefined {
    if (this.#offer && this.#host.clock.monotonic() - this.#offer.at > OFFER_MS) this.#offer = undefined;
    return this.#offer;
  }

  #ordinary(bytes: Buffer): void {
    this.#host.show(bytes);
    this.#host.give(bytes);
  }

  /** A header stands in ordinary output, up to `end`. */
  #begins(chunk: Buffer, from: number, end: number): void {
    const { header, start } = this.#starts;
    const direction = asked(header.type);
    if (!direction || this.#host.may(direction)) {
      this.#ordinary(chunk.subarray(from, end));
      if (direction) this.#offers(direction);
      return;
    }
    if (start > from) this.#ordinary(chunk.subarray(from, start));
    this.#out = { reader: this.#outReader(direction === 'download'), drop: true };
    this.#out.reader.startAfter(header);
    this.#deny(direction);
  }

  #offers(direction: TransferDirection): void {
    // its answer is not the end of another transfer
    this.#in = undefined;
    this.#offer = { direction, at: this.#host.clock.monotonic() };
  }

  /** The client has answered an offer with this header. */
  #answered(direction: TransferDirection, header: HeaderReader): void {
    const { clock } = this.#host;
    this.#offer = undefined;
    this.#strays = 0;
    this.#proven = false;
    this.#cancelTimer?.();
    this.#follower = new Follower(direction, () => clock.now(), {
      began: (file) => this.#reports.began(direction, file),
      ended: (file) => {
        if (file.result === 'ok') this.#proven = true;
        this.#reports.ended(direction, file);
      },
    });
    this.#starts.reset();
    this.#answers.reset();
    this.#out = { reader: this.#outReader(direction === 'download'), drop: false };
    this.#in = { reader: this.#inReader(direction === 'upload'), drop: false };
    this.#in.reader.startAfter(header);
  }

  #followOutput(side: Side, chunk: Buffer, from: number): number {
    const to = side.reader.feed(chunk, from);
    this.#passed();
    if (!side.drop) this.#host.give(part(chunk, from, to));
    return to;
  }

  #followInput(side: Side, chunk: Buffer, from: number): number {
    this.#typed = 0;
    const to = side.reader.feed(chunk, from);
    this.#passed();
    const typed = to - this.#typed;
    if (!side.drop && typed > from) this.#host.send(part(chunk, from, typed));
    if (typed < to) {
      // somebody types again: what the target still had under way has come
      if (!this.#follower && this.#out) this.#quiet();
      this.#host.typed(chunk.subarray(typed, to));
    }
    return to;
  }

  #passed(): void {
    if (this.#follower) this.#host.touched();
    else this.#lastByte = this.#host.clock.monotonic();
  }

  #outReader(sender: boolean): FrameReader {
    const events = this.#events(sender, 'the target');
    const reader: FrameReader = new FrameReader(
      {
        ...events,
        header: (type, position) => {
          const direction = asked(type);
          const another = direction !== undefined && direction !== this.#follower?.direction && !this.#out?.drop;
          if (!another) return events.header(type, position);
          // another program runs there now
          this.#giveUp('another transfer was begun');
          reader.stop();
          if (this.#host.may(direction)) this.#offers(direction);
          else this.#deny(direction);
        },
        stray: (bytes) => {
          this.#host.show(bytes);
          const side = this.#out;
          if (this.#follower) {
            this.#strays += bytes.length;
            if (this.#strays <= MOST_STRAYS) return;
            this.#giveUp('other output came in between');
          } else {
            if (side?.drop) this.#host.give(bytes);
            this.#out = undefined;
          }
          reader.stop();
        },
      },
      sender,
    );
    return reader;
  }

  #inReader(sender: boolean): FrameReader {
    const reader: FrameReader = new FrameReader(
      {
        ...this.#events(sender, 'the client'),
        stray: (bytes, earlier) => {
          const side = this.#in;
          if (this.#follower) {
            this.#strays += bytes.length;
            if (earlier || !(isEntered(bytes) || this.#strays > MOST_STRAYS)) return;
            this.#giveUp('something else was typed');
          } else this.#in = undefined;
          reader.stop();
          if (!earlier) this.#typed = bytes.length;
          else if (side?.drop) this.#host.typed(bytes);
        },
      },
      sender,
    );
    return reader;
  }

  /** What both sides do alike. */
  #events(sender: boolean, who: string): Omit<FrameEvents, 'stray'> {
    return {
      header: (type, position) => {
        const follower = this.#follower;
        if (!follower) return;
        this.#strays = 0;
        if (sender) follower.sender(type, position);
        else follower.receiver(type);
        if (follower.finished) this.#leave(false);
      },
      data: (content) => {
        this.#strays = 0;
        return this.#follower?.content(content) ?? true;
      },
      damaged: () => {
        if (sender) this.#follower?.damaged();
      },
      cancelled: () => {
        if (!this.#follower) return;
        this.#follower.end('cancelled', `${who} gave it up`);
        // what the client has under way already would be typed into the shell
        if (who === 'the target') drop(this.#in);
        this.#leave(true);
      },
    };
  }

  #checkRight(follower: Follower): void {
    if (!this.#host.may(follower.direction)) this.#deny(follower.direction);
  }

  /** Stops what is not allowed, and says what is missing. */
  #deny(direction: TransferDirection): void {
    if (this.#follower?.underWay) this.#follower.end('denied', missing(direction));
    else this.#reports.denied(direction);
    this.#cancel();
    const what = direction === 'download' ? 'Downloads' : 'Uploads';
    this.#host.notice(`${what} are not allowed here. Ask an administrator for the action ${direction}.`);
  }

  /** Tells both sides to stop, and swallows what they still have under way. */
  #cancel(gone?: Unfinished['gone']): void {
    this.#offer = undefined;
    drop(this.#out);
    drop(this.#in);
    this.#leave(true);
    if (gone !== 'client') this.#host.give(CANCEL);
    if (gone !== 'target') this.#host.send(CANCEL);
  }

  /** The transfer is over; its last bytes are still told from others. */
  #leave(cancelled: boolean): void {
    const download = this.#follower?.direction === 'download';
    this.#checkProof();
    this.#follower = undefined;
    if (cancelled) for (const side of [this.#out, this.#in]) side?.reader.expectCancel();
    else (download ? this.#out : this.#in)?.reader.expectOver();
    this.#lastByte = this.#host.clock.monotonic();
    this.#wait(QUIET_MS);
  }

  #wait(ms: number): void {
    const { clock } = this.#host;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(ms, () => {
      this.#cancelTimer = undefined;
      const left = this.#lastByte + QUIET_MS - clock.monotonic();
      if (left > 0) this.#wait(left);
      else this.#quiet();
    });
  }

  /** Nothing more came: what was begun is no frame. */
  #quiet(): void {
    const [out, input] = [this.#out, this.#in];
    this.#out = undefined;
    this.#in = undefined;
    const shown = out?.reader.rest();
    if (shown && shown.length > 0) {
      this.#host.show(shown);
      if (out?.drop) this.#host.give(shown);
    }
    const typed = input?.reader.rest();
    if (typed && typed.length > 0 && input?.drop) this.#host.typed(typed);
    this.#settle();
  }

  /** What passes is no transfer any more. */
  #giveUp(why: string): void {
    this.#follower?.end('failed', why);
    this.#checkProof();
    this.#follower = undefined;
    this.#out = undefined;
    this.#in = undefined;
  }

  /** An upload that brought no file is not silent: its bytes went to whatever read them. */
  #checkProof(): void {
    if (this.#follower?.direction === 'upload' && !this.#proven) this.#host.unproven();
  }

  /** Called when everything that came has been handed on. */
  #settle(): void {
    if (this.#out) return;
    for (const text of this.#later.splice(0)) this.#host.notice(text);
    if (!this.#in) this.#cancelTimer?.();
  }
}

/** From now on; what it has begun with has passed already. */
function drop(side: Side | undefined): void {
  if (!side || side.drop) return;
  side.drop = true;
  side.reader.forget();
}

function part(chunk: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
}

function isEntered(bytes: Buffer): boolean {
  return bytes.includes(CR) || bytes.includes(LF) || bytes.includes(CTRL_O);
}

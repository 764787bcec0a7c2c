import { escapeJson, MAX_GROWTH, Utf8Pieces } from './cast-bytes.ts';
import { FRAME, type SpoolCommand, type SpoolCounts, type SpoolEnd, type SpoolHeader } from './frames.ts';
import type { Frame, SpoolReader } from './spool-reader.ts';

/** One event of a recording as a line of asciicast v2, with its time in seconds. Its bytes are valid until the next line is asked for. */
export interface CastLine {
  readonly seconds: number;
  readonly bytes: Buffer;
  /** What it has a terminal show. */
  readonly shows?: Buffer | undefined;
  readonly resizes?: { readonly cols: number; readonly rows: number } | undefined;
}

/** A longer output becomes several events, so that no line grows without bound. */
const EVENT_BYTES = 64 * 1024;
/** Of output that had no terminal. */
export const NO_TERMINAL = { cols: 80, rows: 24 };

/**
 * A spool as asciicast v2: the header line first, then `o` output (stderr too: the format knows one stream), `r`
 * resizes and `m` markers. What the bastion told the user is both: a marker, and output where and as it was shown. Text is decoded as UTF-8 across chunk borders; what is no UTF-8 becomes U+FFFD. Output that
 * had no terminal gets CR LF for every LF, as a terminal's line discipline would have written it: players show it so.
 */
export function* castLines(header: SpoolHeader, reader: SpoolReader): Generator<CastLine> {
  yield { seconds: 0, bytes: headerLine(header) };
  const lines = new Lines(header.size === null);
  const told = header.size === null ? (text: string) => `bastion: ${text}\n` : (text: string) => `\r\n${text}\r\n`;
  const stdout = new Utf8Pieces();
  const stderr = new Utf8Pieces();
  let counts: SpoolCounts | undefined;
  let seconds = 0;
  for (let frame = reader.next(); frame; frame = reader.next()) {
    seconds = frame.micros / 1e6;
    switch (frame.kind) {
      case FRAME.output:
      case FRAME.stderr:
        for (const piece of pieces(frame.payload)) {
          const text = (frame.kind === FRAME.output ? stdout : stderr).take(piece);
          if (text.length > 0) yield lines.output(seconds, text);
        }
        break;
      case FRAME.snapshot:
        for (const piece of pieces(frame.payload)) yield lines.output(seconds, stdout.take(piece));
        break;
      case FRAME.resize: {
        const size = json<{ cols: number; rows: number }>(frame);
        yield { ...lines.event(seconds, 'r', `${size.cols}x${size.rows}`), resizes: size };
        break;
      }
      case FRAME.notice: {
        const text = frame.payload.toString('utf8');
        yield lines.event(seconds, 'm', text.replaceAll('\r\n', ' '));
        yield lines.output(seconds, Buffer.from(told(text)));
        break;
      }
      case FRAME.marker:
        yield lines.event(seconds, 'm', frame.payload.toString('utf8'));
        break;
      case FRAME.command:
        yield lines.event(seconds, 'm', commandText(json<SpoolCommand>(frame)));
        break;
      case FRAME.counts:
        counts = json<SpoolCounts>(frame);
        break;
      case FRAME.end:
        if (counts) yield lines.event(seconds, 'm', countsText(counts));
        yield lines.event(seconds, 'm', endText(json<SpoolEnd>(frame)));
        break;
    }
  }
  for (const rest of [stdout.rest(), stderr.rest()]) if (rest.length > 0) yield lines.output(seconds, rest);
  const { lostBytes } = reader.tail;
  if (lostBytes > 0) yield lines.event(seconds, 'm', `recording cut short: ${lostBytes} bytes could not be read`);
}

function headerLine(header: SpoolHeader): Buffer {
  const size = header.size ?? NO_TERMINAL;
  const line = {
    version: 2,
    width: size.cols,
    height: size.rows,
    timestamp: Math.floor(header.startedAt / 1000),
    title: `${header.user} on ${header.account}@${header.asset}`,
    ...(header.command === null ? {} : { command: header.command }),
    env: header.term === null ? {} : { TERM: header.term },
  };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function* pieces(payload: Buffer): Generator<Buffer> {
  for (let at = 0; at < payload.length; at += EVENT_BYTES) yield payload.subarray(at, at + EVENT_BYTES);
}

/** Writes one line after the other into the same memory: strings in between would cost more than all the rest. */
class Lines {
  readonly #crlf: boolean;
  readonly #line = Buffer.allocUnsafe(MAX_GROWTH * (EVENT_BYTES + 4) + 64);

  constructor(crlf: boolean) {
    this.#crlf = crlf;
  }

  output(seconds: number, utf8: Buffer): CastLine {
    return { ...this.#write(seconds, 'o', utf8, this.#crlf), shows: utf8 };
  }

  event(seconds: number, kind: 'r' | 'm', text: string): CastLine {
    return this.#write(seconds, kind, Buffer.from(text).subarray(0, EVENT_BYTES), false);
  }

  #write(seconds: number, kind: 'o' | 'r' | 'm', utf8: Buffer, crlf: boolean): CastLine {
    const line = this.#line;
    const start = line.write(`[${seconds.toFixed(6)}, "${kind}", "`, 0, 'latin1');
    const end = escapeJson(utf8, line, start, crlf);
    return { seconds, bytes: line.subarray(0, end + line.write('"]\n', end, 'latin1')) };
  }
}

function commandText({ line, verdict, confidence }: SpoolCommand): string {
  const told = verdict === 'pass' ? '' : ` (${verdict})`;
  return confidence === 'unparsed' ? `[${line}]${told}` : `$ ${line}${told}`;
}

function countsText(counts: SpoolCounts): string {
  const hashes = [
    counts.stdoutSha256 && `stdout SHA-256 ${counts.stdoutSha256} (${counts.stdoutBytes} bytes)`,
    counts.stderrSha256 && `stderr SHA-256 ${counts.stderrSha256} (${counts.stderrBytes} bytes)`,
  ].filter(Boolean);
  return [`${counts.skippedBytes} bytes of output are not in this recording`, ...hashes].join('; ');
}

function endText(end: SpoolEnd): string {
  const exit = end.exitSignal ?? end.exitCode;
  return `session ended: ${end.cause}${exit === null ? '' : `, exit ${exit}`}`;
}

function json<T>(frame: Frame): T {
  return JSON.parse(frame.payload.toString('utf8')) as T;
}

import { TextDecoder } from 'node:util';
import { FRAME, type SpoolCounts, type SpoolEnd, type SpoolHeader } from './frames.ts';
import type { Frame, SpoolReader } from './spool-reader.ts';

/** One event of a recording as a line of asciicast v2, with its time in seconds. */
export interface CastLine {
  readonly seconds: number;
  readonly text: string;
}

/** A longer output becomes several events, so that no line grows without bound. */
const EVENT_BYTES = 64 * 1024;
const NO_TERMINAL = { cols: 80, rows: 24 };

/**
 * A spool as asciicast v2: the header line first, then `o` output (stderr too: the format knows one stream), `r`
 * resizes and `m` markers. Text is decoded as UTF-8 across chunk borders; what is no UTF-8 becomes U+FFFD. Output that
 * had no terminal gets CR LF for every LF, as a terminal's line discipline would have written it: players show it so.
 */
export function* castLines(header: SpoolHeader, reader: SpoolReader): Generator<CastLine> {
  yield { seconds: 0, text: headerLine(header) };
  const lineBreak = header.size === null ? '\r\n' : undefined;
  const stdout = new TextDecoder('utf-8', { ignoreBOM: true });
  const stderr = new TextDecoder('utf-8', { ignoreBOM: true });
  let counts: SpoolCounts | undefined;
  let seconds = 0;
  for (let frame = reader.next(); frame; frame = reader.next()) {
    seconds = frame.micros / 1e6;
    switch (frame.kind) {
      case FRAME.output:
        yield* output(seconds, stdout, frame.payload, lineBreak);
        break;
      case FRAME.stderr:
        yield* output(seconds, stderr, frame.payload, lineBreak);
        break;
      case FRAME.snapshot:
        yield* output(seconds, stdout, frame.payload);
        break;
      case FRAME.resize: {
        const size = json<{ cols: number; rows: number }>(frame);
        yield event(seconds, 'r', `${size.cols}x${size.rows}`);
        break;
      }
      case FRAME.notice:
      case FRAME.marker:
        yield event(seconds, 'm', frame.payload.toString('utf8'));
        break;
      case FRAME.counts:
        counts = json<SpoolCounts>(frame);
        break;
      case FRAME.end:
        if (counts) yield event(seconds, 'm', countsText(counts));
        yield event(seconds, 'm', endText(json<SpoolEnd>(frame)));
        break;
    }
  }
  const rest = stdout.decode() + stderr.decode();
  if (rest) yield event(seconds, 'o', rest);
  const { lostBytes } = reader.tail;
  if (lostBytes > 0) yield event(seconds, 'm', `recording cut short: ${lostBytes} bytes could not be read`);
}

function headerLine(header: SpoolHeader): string {
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
  return `${JSON.stringify(line)}\n`;
}

function* output(
  seconds: number,
  decoder: TextDecoder,
  payload: Buffer,
  lineBreak?: string | undefined,
): Generator<CastLine> {
  for (let at = 0; at < payload.length; at += EVENT_BYTES) {
    const text = decoder.decode(payload.subarray(at, at + EVENT_BYTES), { stream: true });
    if (text) yield event(seconds, 'o', lineBreak === undefined ? text : text.replaceAll('\n', lineBreak));
  }
}

function event(seconds: number, kind: 'o' | 'r' | 'm', data: string): CastLine {
  return { seconds, text: `[${seconds.toFixed(6)}, "${kind}", ${JSON.stringify(data)}]\n` };
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

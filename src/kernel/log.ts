import { type Logger, type LoggerOptions, pino } from 'pino';
import { oneLine, terminalSafeJson } from './printable.ts';

export type Log = Logger;

const COLOURS: Record<string, string> = { trace: '90', debug: '90', info: '32', warn: '33', error: '31', fatal: '31' };

/**
 * The process log. `json` writes one object a line; `pretty` is for people. Written to stderr without worker
 * transports, which load files from disk and would not work inside the executable.
 */
export function createLog(
  options: { level: string; format: 'pretty' | 'json' },
  out: NodeJS.WritableStream = process.stderr,
): Log {
  const settings: LoggerOptions = {
    level: options.level,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
  };
  // when nobody reads it any more, each line would be an exception, whose line would be the next one
  out.on('error', () => {});
  const colour = 'isTTY' in out && out.isTTY === true;
  const write =
    options.format === 'json'
      ? (line: string) => out.write(terminalSafeJson(line))
      : (line: string) => out.write(pretty(line, colour));
  return pino(settings, { write });
}

function pretty(line: string, colour: boolean): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const clock = new Date(Number(time)).toISOString().slice(11, 19);
  const tag = String(level).toUpperCase().padEnd(5);
  const fields = Object.entries(rest).map(
    ([key, value]) => `${oneLine(key)}=${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`,
  );
  const head = colour
    ? `\x1b[90m${clock}\x1b[0m \x1b[${COLOURS[String(level)] ?? '0'}m${tag}\x1b[0m`
    : `${clock} ${tag}`;
  // indented, so that no line of it passes for one of the log
  const stack = err && typeof err === 'object' && 'stack' in err ? String(err.stack).split('\n') : [];
  const lines = [[head, oneLine(String(msg ?? '')), ...fields].join(' '), ...stack.map((line) => `  ${oneLine(line)}`)];
  return `${lines.join('\n')}\n`;
}

/** A log that says nothing, for tests and for the command line. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}

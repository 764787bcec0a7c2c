import { calledAs } from '../kernel/inside.ts';
import { terminalSafeJson } from '../kernel/printable.ts';
import { type Client, createClient } from '../sdk/client.ts';
import type { CliBackend, Place } from './backend.ts';
import { type Connection, openConnection } from './connect.ts';
import type { CliIo } from './io.ts';
import { type Column, formatDetails, formatTable, tableWidth } from './output/table.ts';
import { clean } from './output/text.ts';

/** One run of one command: where it reads and writes, and its way to the API. */
export class Run {
  readonly io: CliIo;
  readonly backend: CliBackend;
  readonly place: Place;
  readonly json: boolean;
  /** What the command line exits with when nothing is thrown. */
  exitCode = 0;
  #connection: Connection | undefined;

  constructor(io: CliIo, backend: CliBackend, place: Place, json: boolean) {
    this.io = io;
    this.backend = backend;
    this.place = place;
    this.json = json;
  }

  /** The API of the running daemon, or of the stopped one's data. */
  client(): Promise<Client> {
    return this.#open(false);
  }

  /** The API of the running daemon; `needs_daemon` when none runs. */
  daemon(): Promise<Client> {
    return this.#open(true);
  }

  async #open(daemonOnly: boolean): Promise<Client> {
    this.#connection ??= await openConnection(this.backend, this.place, daemonOnly, (notice) =>
      this.io.stderr.write(`${clean(notice)}\n`),
    );
    return createClient({ transport: this.#connection.transport });
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
  }

  /** A list as a table, as JSON with `--json`; an empty one tells what to do next. */
  list<Row>(rows: readonly Row[], columns: readonly Column<Row>[], whenEmpty: string): void {
    if (this.json) this.writeJson(rows);
    else if (rows.length > 0) this.io.stdout.write(formatTable(columns, rows, tableWidth(this.io.stdout)));
    else this.io.stderr.write(`${whenEmpty}\n`);
  }

  /** One thing with its properties, as JSON with `--json`. */
  details(value: unknown, pairs: readonly (readonly [name: string, value: string])[]): void {
    if (this.json) this.writeJson(value);
    else this.io.stdout.write(formatDetails(pairs));
  }

  /** What a change came to: a sentence, or the API's answer with `--json`. */
  done(value: unknown, sentence: string): void {
    if (this.json) this.writeJson(value);
    else this.io.stdout.write(`${sentence.split('\n').map(clean).join('\n')}\n`);
  }

  /** A command for the person to type, on the same data as this one. */
  commandLine(words: string): string {
    const { data, configFile } = this.place;
    const options = [
      data === undefined ? [] : ['--data', data],
      configFile === undefined ? [] : ['--config', configFile],
    ];
    return [calledAs(), ...options.flat(), words].join(' ');
  }

  writeJson(value: unknown): void {
    this.io.stdout.write(`${terminalSafeJson(JSON.stringify(value, null, 2))}\n`);
  }
}

/** `1 asset`, `3 assets`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

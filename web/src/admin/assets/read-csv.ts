import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import type { useWords } from '../../kit/words.ts';
import type { importWords } from './import-words.ts';
import { PORTS } from './protocols-input.tsx';

/** What a header line may call each column, as `bastion asset import` takes them. */
const COLUMNS: Readonly<Record<string, string>> = {
  name: 'name',
  address: 'address',
  host: 'address',
  protocol: 'protocols',
  protocols: 'protocols',
  platform: 'platform',
  folder: 'folder',
  label: 'labels',
  labels: 'labels',
  via: 'via',
  comment: 'comment',
  charset: 'charset',
  active: 'active',
  login: 'login',
};
export const KNOWN_COLUMNS: readonly string[] = [...new Set(Object.values(COLUMNS))];

type Sentences = ReturnType<typeof useWords<typeof importWords.en>>;

export interface CsvRow {
  /** Where it begins in the file. */
  readonly line: number;
  /** As the file has it, by column. */
  readonly cells: Readonly<Record<string, string>>;
  /** As the API takes it; undefined when it cannot be read as an asset. */
  readonly asset: Readonly<Record<string, unknown>> | undefined;
  readonly login: string | undefined;
  readonly problem: string | undefined;
}

export interface CsvFile {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * The rows of a CSV file, each with what is wrong with it.
 * @throws Error with a sentence when the file as a whole is no list of assets.
 */
export function readCsv(text: string, t: Sentences): CsvFile {
  const [header, ...records] = readRecords(text, t);
  if (!header) throw new Error(t.empty);
  const columns = header.record.map((title) => COLUMNS[title.trim().toLowerCase()]);
  const unknown = header.record.find((_, i) => columns[i] === undefined);
  if (unknown !== undefined) throw new Error(t.unknownColumn(unknown, KNOWN_COLUMNS.join(', ')));
  const names = columns as string[];
  if (!names.includes('name')) throw new Error(t.noName);
  const rows = records.map(({ record, line }): CsvRow => {
    const cells = Object.fromEntries(names.map((column, i) => [column, record[i]?.trim() ?? '']));
    const none = { line, cells, asset: undefined, login: undefined };
    if (record.length !== names.length) return { ...none, problem: t.fields(record.length, names.length) };
    try {
      const { login, ...asset } = toAsset(cells, t);
      return { line, cells, asset, login: login as string | undefined, problem: undefined };
    } catch (error) {
      return { ...none, problem: (error as Error).message };
    }
  });
  return { columns: [...new Set(names)], rows };
}

function readRecords(text: string, t: Sentences): { record: string[]; line: number }[] {
  let lines = 1;
  try {
    // csv-parse counts a CRLF inside quotes as two lines; its types do not know what `info` makes of a record
    const all = parse(text.replace(/\r\n?/g, '\n'), {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return all.map(({ record, info }) => {
      // csv-parse tells the line a record ends in
      const line = info.lines - record.reduce((sum, field) => sum + field.split('\n').length - 1, 0);
      lines = info.lines;
      return { record, line };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = (error as { lines?: unknown }).lines;
    throw new Error(t.notCsv(typeof line === 'number' ? line : lines, error.message));
  }
}

/** Empty cells are left out and get their defaults. */
function toAsset(cells: Readonly<Record<string, string>>, t: Sentences): Record<string, unknown> {
  const asset: Record<string, unknown> = {};
  for (const [column, text] of Object.entries(cells)) {
    if (text === '') continue;
    if (column === 'protocols') asset[column] = split(text).map((part) => toProtocol(part, t));
    else if (column === 'labels') asset[column] = Object.fromEntries(split(text).map((part) => toLabel(part, t)));
    else if (column === 'active') asset[column] = toFlag(text, t);
    else asset[column] = text;
  }
  asset.address ??= asset.name;
  return asset;
}

const split = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== '');

function toProtocol(text: string, t: Sentences): { name: string; port?: number } {
  const [name = '', port, ...rest] = text.split(':');
  if (!Object.hasOwn(PORTS, name)) throw new Error(t.noProtocol(text, Object.keys(PORTS).join(', ')));
  if (port === undefined) return { name };
  const number = Number(port);
  if (rest.length > 0 || !/^\d{1,5}$/.test(port) || number < 1 || number > 65535) throw new Error(t.noPort(text));
  return { name, port: number };
}

function toLabel(text: string, t: Sentences): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(t.noLabel(text));
  return [text.slice(0, at), text.slice(at + 1)];
}

function toFlag(text: string, t: Sentences): boolean {
  if (/^(1|y|yes|true)$/i.test(text)) return true;
  if (/^(0|n|no|false)$/i.test(text)) return false;
  throw new Error(t.noYes(text));
}

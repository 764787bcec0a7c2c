import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import {
  COLUMNS,
  type CsvRecord,
  columnOf,
  csvRecords,
  flagOf,
  partsOf,
} from '../../../../src/api/contract/asset-file.ts';
import { PROTOCOL_PORTS } from '../../../../src/store/model.ts';
import type { useWords } from '../../kit/words.ts';
import type { importWords } from './import-words.ts';

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
  const columns = header.record.map(columnOf);
  const unknown = header.record.find((_, i) => columns[i] === undefined);
  if (unknown !== undefined) throw new Error(t.unknownColumn(unknown, COLUMNS.join(', ')));
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

function readRecords(text: string, t: Sentences): CsvRecord[] {
  try {
    return csvRecords(parse, text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { lines?: unknown };
    throw new Error(t.notCsv(Number(lines) || 1, error.message));
  }
}

/** Empty cells are left out and get their defaults. */
function toAsset(cells: Readonly<Record<string, string>>, t: Sentences): Record<string, unknown> {
  const asset: Record<string, unknown> = {};
  for (const [column, text] of Object.entries(cells)) {
    if (text === '') continue;
    if (column === 'protocols') asset[column] = partsOf(text).map((part) => toProtocol(part, t));
    else if (column === 'labels') asset[column] = Object.fromEntries(partsOf(text).map((part) => toLabel(part, t)));
    else if (column === 'active') asset[column] = toFlag(text, t);
    else asset[column] = text;
  }
  if (asset.name === undefined) throw new Error(t.emptyName);
  asset.address ??= asset.name;
  return asset;
}

function toProtocol(text: string, t: Sentences): { name: string; port?: number } {
  const [name = '', port, ...rest] = text.split(':');
  if (!Object.hasOwn(PROTOCOL_PORTS, name)) throw new Error(t.noProtocol(text, Object.keys(PROTOCOL_PORTS).join(', ')));
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
  const flag = flagOf(text);
  if (flag === undefined) throw new Error(t.noYes(text));
  return flag;
}

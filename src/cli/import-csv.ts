import { CsvError, parse } from 'csv-parse/sync';
import { COLUMNS, type CsvRecord, columnOf, csvRecords, flagOf, partsOf } from '../api/contract/asset-file.ts';
import { importedAsset } from '../api/contract/assets.ts';
import { AppError } from '../kernel/errors.ts';
import { issueWords } from '../kernel/issue-words.ts';
import { ApiError, type Client } from '../sdk/client.ts';
import { all } from './all.ts';
import { labelRecord, labels, parseProtocol } from './parse.ts';
import { count, type Run } from './run.ts';
import { readSmallFile } from './secrets.ts';

const LARGEST_FILE = 8 * 1024 * 1024;

export interface Problem {
  readonly line: number;
  readonly message: string;
}

export interface ImportRow {
  readonly line: number;
  readonly asset: Readonly<Record<string, unknown>>;
  readonly login: string | undefined;
}

/** The rows of a CSV file with their line numbers; what cannot be read as an asset is a problem of its line. */
export function readRows(text: string): { rows: ImportRow[]; problems: Problem[] } {
  const [header, ...records] = readRecords(text);
  if (!header) throw new AppError('usage', 'The file is empty. Its first line names the columns: name,address,…');
  const columns = header.record.map(columnOf);
  const unknown = header.record.find((_, i) => columns[i] === undefined);
  if (unknown !== undefined) {
    throw new AppError('usage', `line ${header.line}: unknown column "${unknown}". Columns: ${COLUMNS.join(', ')}.`);
  }
  if (!columns.includes('name')) throw new AppError('usage', `line ${header.line}: the column "name" is missing.`);

  const rows: ImportRow[] = [];
  const problems: Problem[] = [];
  for (const { record, line } of records) {
    if (record.length !== columns.length) {
      problems.push({
        line,
        message: `has ${count(record.length, 'field')} where the first line names ${columns.length}`,
      });
      continue;
    }
    try {
      const cells = Object.fromEntries(columns.map((column, i) => [column, record[i]!.trim()]));
      const { login, ...asset } = toAsset(cells);
      rows.push({ line, asset, login: login as string | undefined });
      problems.push(...judge(line, asset));
    } catch (error) {
      problems.push({ line, message: (error as Error).message });
    }
  }
  const seen = new Map<string, number>();
  for (const { line, asset } of rows) {
    const name = String(asset.name).toLowerCase();
    const first = seen.get(name);
    if (first !== undefined)
      problems.push({ line, message: `the name ${String(asset.name)} stands in line ${first} already` });
    else seen.set(name, line);
  }
  return { rows, problems: problems.sort((a, b) => a.line - b.line) };
}

function readRecords(text: string): CsvRecord[] {
  try {
    return csvRecords(parse, text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { lines?: unknown };
    throw new AppError('usage', `line ${Number(lines) || 1}: this is not CSV (${error.message}).`, { cause: error });
  }
}

/** The fields of a row as the API takes them; empty cells are left out and get their defaults. */
function toAsset(cells: Readonly<Record<string, string>>): Record<string, unknown> {
  const asset: Record<string, unknown> = {};
  for (const [column, text] of Object.entries(cells)) {
    if (text === '') continue;
    if (column === 'protocols') asset[column] = partsOf(text).map(parseProtocol);
    else if (column === 'labels')
      asset[column] = labelRecord(partsOf(text).flatMap((label) => labels(label, undefined)));
    else if (column === 'active') asset[column] = yes(text);
    else asset[column] = text;
  }
  asset.address ??= asset.name;
  return asset;
}

function yes(text: string): boolean {
  const flag = flagOf(text);
  if (flag === undefined) throw new Error(`active is "${text}"; write yes or no`);
  return flag;
}

function judge(line: number, asset: Readonly<Record<string, unknown>>): Problem[] {
  const result = importedAsset.safeParse(asset);
  return result.success
    ? []
    : result.error.issues.map((issue) => ({ line, message: `${issue.path.join('.') || 'row'}: ${issueWords(issue)}` }));
}

/** Adds the assets of a CSV file, all or none. Every problem is told with its line. */
export async function importCsv(run: Run, file: string, dryRun: boolean): Promise<void> {
  const text = (await readSmallFile(run.io, file, 'CSV file', LARGEST_FILE)).toString('utf8');
  const { rows, problems } = readRows(text);
  if (problems.length > 0) throw refused(file, problems);
  const client = await run.client();
  const wanted = rows.filter((row) => row.login !== undefined);
  const sum = `${count(rows.length, 'asset')}${wanted.length > 0 ? ` and ${count(wanted.length, 'account')}` : ''}`;
  if (dryRun) {
    const clashes = await findClashes(client, rows);
    if (clashes.length > 0) throw refused(file, clashes);
    return run.done(
      { added: 0, wouldAdd: rows.length, accounts: wanted.length },
      `${file}: ${sum} would be added; nothing was changed.`,
    );
  }
  const { added } = await send(client, file, rows);
  for (const row of wanted) await client.accounts.add({ asset: String(row.asset.name), login: row.login! });
  run.done({ added, accounts: wanted.length }, `${sum} added.`);
}

async function send(client: Client, file: string, rows: readonly ImportRow[]): Promise<{ added: number }> {
  try {
    return await client.assets.import({ rows: rows.map(({ line, asset }) => ({ line, asset: { ...asset } })) });
  } catch (error) {
    const told = error instanceof ApiError ? error.details?.rows : undefined;
    if (Array.isArray(told) && told.length > 0) throw refused(file, told as Problem[]);
    throw error;
  }
}

/** What the data would refuse, as far as it can be seen without changing it. */
async function findClashes(client: Client, rows: readonly ImportRow[]): Promise<Problem[]> {
  const names = new Set((await all(client.assets.list, {})).map((asset) => asset.name.toLowerCase()));
  const platforms = new Set((await client.platforms.list()).map((platform) => platform.name));
  const coming = new Set(rows.map((row) => String(row.asset.name).toLowerCase()));
  return rows.flatMap(({ line, asset }) => {
    const { name, platform, via } = asset;
    const found: Problem[] = [];
    if (names.has(String(name).toLowerCase()))
      found.push({ line, message: `there is an asset ${String(name)} already` });
    if (platform !== undefined && !platforms.has(String(platform)))
      found.push({ line, message: `there is no platform ${String(platform)}` });
    if (via !== undefined && !names.has(String(via).toLowerCase()) && !coming.has(String(via).toLowerCase())) {
      found.push({ line, message: `via: there is no asset ${String(via)}` });
    }
    return found;
  });
}

function refused(file: string, problems: readonly Problem[]): AppError {
  const shown = problems.slice(0, 20).map(({ line, message }) => `  line ${line}: ${message}`);
  if (problems.length > shown.length) shown.push(`  and ${problems.length - shown.length} more`);
  return new AppError('invalid', `${file}: nothing was added; correct this first:\n${shown.join('\n')}`);
}

// How a CSV file of assets is written, for the command line and the page alike. Nothing here needs a validator.

/** What the first line may call each column, in small letters. */
const COLUMN_TITLES: Readonly<Record<string, string>> = {
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
export const COLUMNS: readonly string[] = [...new Set(Object.values(COLUMN_TITLES))];

/** The column a title names, undefined when there is none. */
export function columnOf(title: string): string | undefined {
  return COLUMN_TITLES[title.trim().toLowerCase()];
}

/** How csv-parse is asked; `info` makes each record tell where it is. */
const OPTIONS = { bom: true, relax_column_count: true, skip_empty_lines: true, info: true } as const;

/** A record and the line of the file in which it begins. */
export interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

/** The records of a file, by csv-parse's `parse` of the place; what that throws comes out as it is. */
export function csvRecords(parse: (text: string, options: typeof OPTIONS) => unknown, text: string): CsvRecord[] {
  // csv-parse counts a CRLF inside quotes as two lines; its types do not know what `info` makes of a record
  const all = parse(text.replace(/\r\n?/g, '\n'), OPTIONS) as { record: string[]; info: { lines: number } }[];
  return all.map(({ record, info }) => {
    // it tells the line a record ends in
    const line = info.lines - record.reduce((sum, field) => sum + field.split('\n').length - 1, 0);
    return { record, line };
  });
}

/** The parts of a cell that holds several protocols or labels. */
export function partsOf(cell: string): string[] {
  return cell.split(/[\s,;]+/).filter((part) => part !== '');
}

/** Yes or no, undefined when it is neither. */
export function flagOf(cell: string): boolean | undefined {
  if (/^(1|y|yes|true)$/i.test(cell)) return true;
  return /^(0|n|no|false)$/i.test(cell) ? false : undefined;
}

import { Readable } from 'node:stream';

/** Rows fetched at a time: an export holds no more of them, however many there are. */
const PAGE = 500;

/** Every row of a paged list as JSON, one a line, fetched as fast as the reader takes them. */
export function jsonLines<Row extends { readonly id: string }>(
  fetch: (page: { after: string | undefined; limit: number }) => Promise<readonly Row[]>,
  view: (row: Row) => object,
): Readable {
  async function* pages() {
    let after: string | undefined;
    for (;;) {
      const rows = await fetch({ after, limit: PAGE });
      if (rows.length > 0) yield Buffer.from(rows.map((row) => `${JSON.stringify(view(row))}\n`).join(''));
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.id;
    }
  }
  return Readable.from(pages(), { highWaterMark: 1 });
}

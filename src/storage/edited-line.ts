/** A longer line goes on as another one, which begins with the last `OVERLAP` columns so that a text across the cut is found. */
export const LINE_COLUMNS = 4096;
const OVERLAP = 256;
/** The right half of a wide character. */
const FILLER = 0;
const SPACE = 0x20;

/** Takes each line of text that stood on a terminal, as code points, one column each, `FILLER` after wide ones. */
export interface LineSink {
  /**
   * @param cells valid during the call
   * @param ms when the last character of the line came
   * @param piece a piece of a drawn screen rather than a line that was ended: what is redrawn comes again and again
   */
  line(cells: Uint32Array, length: number, ms: number, piece: boolean): void;
}

/** One line as a terminal edits it, with its cursor; it may take several rows. Hands itself to the sink when it ends. */
export class EditedLine {
  /** What is put moves what stands there to the right (IRM). */
  insert = false;
  readonly #sink: LineSink;
  readonly #cells = new Uint32Array(LINE_COLUMNS + 2);
  /** Columns of a row, to find the row's beginning in a line that was wrapped. */
  #width: number;
  #length = 0;
  #column = 0;
  #ms = 0;

  /** @param width columns of the terminal; Infinity without one */
  constructor(sink: LineSink, width: number) {
    this.#sink = sink;
    this.#width = width;
  }

  resize(width: number): void {
    this.#width = Math.max(1, width);
  }

  put(point: number, width: number, ms: number): void {
    if (this.#column + width > LINE_COLUMNS) this.#cut();
    const cells = this.#cells;
    if (this.#column > this.#length) cells.fill(SPACE, this.#length, this.#column);
    if (this.insert && this.#column < this.#length) this.openGap(width);
    cells[this.#column++] = point;
    if (width === 2) cells[this.#column++] = FILLER;
    if (this.#column > this.#length) this.#length = this.#column;
    this.#ms = ms;
  }

  /** The same character again, as often. */
  repeat(point: number, times: number): void {
    for (let i = 0; i < times; i++) this.put(point, 1, this.#ms);
  }

  /** Ends it. */
  break(piece: boolean): void {
    if (this.#length > 0) this.#sink.line(this.#cells, this.#length, this.#ms, piece);
    this.#length = 0;
    this.#column = 0;
  }

  moveBy(columns: number): void {
    this.#moveTo(this.#column + columns);
  }

  /** Within the row of the cursor. */
  moveToColumn(column: number): void {
    this.#moveTo(this.#rowStart() + column);
  }

  tab(): void {
    this.#moveTo((this.#column | 7) + 1);
  }

  /** Within a wrapped line the row above or below is a part of the same line. */
  moveRows(rows: number): void {
    const to = this.#column + rows * this.#width;
    if (to >= 0 && to <= this.#length) this.#column = to;
    else this.break(true);
  }

  eraseToEnd(): void {
    this.#erase(this.#column, this.#length);
  }

  /** Up to the cursor, its place included. */
  eraseToCursor(): void {
    this.#erase(this.#rowStart(), this.#column + 1);
  }

  eraseFromRowStart(): void {
    this.#erase(this.#rowStart(), this.#length);
  }

  eraseNext(count: number): void {
    this.#erase(this.#column, this.#column + count);
  }

  closeGap(count: number): void {
    if (this.#column >= this.#length) return;
    this.#cells.copyWithin(this.#column, this.#column + count, this.#length);
    this.#length = Math.max(this.#column, this.#length - count);
  }

  openGap(count: number): void {
    if (this.#column >= this.#length) return;
    const length = Math.min(LINE_COLUMNS, this.#length + count);
    this.#cells.copyWithin(this.#column + count, this.#column, Math.max(this.#column, length - count));
    this.#cells.fill(SPACE, this.#column, Math.min(length, this.#column + count));
    this.#length = length;
  }

  #moveTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, LINE_COLUMNS));
  }

  /** Where the row of the cursor begins; behind the last column it still stands in that row. */
  #rowStart(): number {
    if (this.#column < this.#width) return 0;
    const column = this.#column === this.#length ? this.#column - 1 : this.#column;
    return column - (column % this.#width);
  }

  #erase(from: number, to: number): void {
    if (from >= this.#length) return;
    if (to >= this.#length) this.#length = from;
    else this.#cells.fill(SPACE, from, to);
  }

  #cut(): void {
    const keep = Math.min(OVERLAP, this.#length);
    if (this.#length > 0) this.#sink.line(this.#cells, this.#length, this.#ms, false);
    this.#cells.copyWithin(0, this.#length - keep, this.#length);
    this.#length = keep;
    this.#column = keep;
  }
}

import { inRow } from './ahead.ts';
import type { KeyMark } from './backlog.ts';
import { type Input, type Left, type LeftRow, newInput } from './input.ts';
import { anchorHere, type Reading, readLine, spaced } from './line.ts';
import { paneOf } from './programs.ts';
import { type KnownPrompts, looksLikePrompt } from './prompts.ts';
import type { CommandRows } from './rows.ts';
import type { CommandScreen } from './screen.ts';
import { asksForSecret } from './secret.ts';
import { giveUp, sameText, settle } from './settle.ts';

/** A line that the cursor did not leave by then is taken as it is. */
const PATIENCE_MS = 1200;
/** As above, for lines typed before their prompt was there. */
const AHEAD_PATIENCE_MS = 3000;
/** Lines on their way at once. */
const MOST_WAITING = 200;
/** Of them, so many are looked for in each row. */
const LOOKED_FOR = 8;

/** Follows the lines of one prompt after the other: from their first key to where the cursor leaves them. */
export class LineTracker {
  readonly #known: KnownPrompts;
  readonly #rows: CommandRows;
  #input: Input | undefined;
  /** Entered, and not yet seen to be left. */
  #waiting: Input[] = [];
  #left: Left | undefined;
  #pasting = false;
  #drawn = 0;

  constructor(known: KnownPrompts, rows: CommandRows) {
    this.#known = known;
    this.#rows = rows;
  }

  /** Output is needed to tell what was entered. */
  get waits(): boolean {
    return this.#waiting.length > 0 || this.#rows.expandingSince !== undefined;
  }

  /** A line has begun of which something was seen. */
  get begun(): boolean {
    return this.#input !== undefined;
  }

  get pasting(): { readonly line: string; readonly exact: boolean } | undefined {
    if (!this.#pasting) return undefined;
    const { text = '', exact = true } = this.#input?.typed ?? {};
    return { line: text.slice(text.lastIndexOf('\n') + 1), exact };
  }

  /** The line at the cursor, as if it had begun here when none has. */
  current(screen: CommandScreen): { input: Input; reading: Reading | undefined } {
    const begun = this.#input ?? newInput(this.#waiting.length > 0);
    // while others are on their way its prompt may not be there yet: nothing is decided
    const input = begun.anchor ? begun : { ...begun };
    if (!input.anchor) this.#anchor(input, screen);
    // what was typed may stand where a prompt would be taken from
    const isSure = begun.anchor || begun.typed.exact || this.#known.has(input.anchor?.prompt ?? '');
    const reading = isSure ? this.#read(input, screen) : undefined;
    if (!begun.anchor) input.anchor?.mark?.dispose();
    return { input, reading };
  }

  /** The line at the cursor is gone: what comes next is a new one. */
  cleared(): void {
    this.#input?.anchor?.mark?.dispose();
    this.#input = undefined;
    this.#pasting = false;
  }

  /** What was entered before is a line, whatever the program may still draw. */
  settleLeft(): void {
    if (this.#left) this.#confirm();
  }

  disturbed(): void {
    if (this.#input) this.#input.disturbed = true;
  }

  /** Nothing more will come: what is known by now is all there is. */
  giveUp(screen: CommandScreen | undefined): void {
    if (this.#left) this.#confirm();
    while (this.#waiting.length > 0) this.#drop(this.#waiting.shift()!, screen);
    this.#rows.printed(undefined);
  }

  giveUpLate(now: number, screen: CommandScreen | undefined): void {
    for (let head = this.#waiting[0]; head; head = this.#waiting[0]) {
      if (now - head.at < (head.ahead ? AHEAD_PATIENCE_MS : PATIENCE_MS)) return;
      if (this.#left) this.#confirm();
      else this.#drop(this.#waiting.shift()!, screen);
    }
    const since = this.#rows.expandingSince;
    if (since !== undefined && now - since >= PATIENCE_MS) this.#rows.printed(undefined);
  }

  /** What was entered did something to the screen: it stood at a prompt, whatever becomes of its row. */
  learnEntered(): void {
    for (const { typed, atEnter } of this.#waiting) {
      const shown = atEnter && sameText(atEnter.text, typed.text) && !asksForSecret(atEnter.prompt);
      if (shown && looksLikePrompt(atEnter.prompt)) this.#known.learn(atEnter.prompt);
    }
  }

  // ---- keys ----

  press(mark: KeyMark, screen: CommandScreen): void {
    this.#answered(screen);
    const { key } = mark;
    if (key.kind === 'paste') {
      this.#pasting = key.on && screen.bracketedPaste;
      return;
    }
    if (key.kind === 'interrupt') {
      this.#interrupt(mark, key.by, screen);
      return;
    }
    this.#input ??= newInput(this.#waiting.length > 0);
    this.#observe(screen);
    const input = this.#input;
    input.handedOn = false;
    switch (key.kind) {
      case 'text':
        input.typed.add(key.text);
        return;
      case 'erase':
        input.typed.erase();
        return;
      case 'kill':
        input.typed.kill();
        return;
      case 'enter':
        if (this.#pasting && key.by === 'enter') input.typed.breakLine();
        else this.#submit(input, screen, mark);
        return;
      case 'edit':
        input.typed.blur(key.erases);
        return;
      default:
        input.typed.blur();
    }
  }

  /** A key is pressed, so what came until now is the answer to what was entered before. */
  #answered(screen: CommandScreen): void {
    if (this.#left) this.#decideLeft(screen);
    const row = screen.logical(screen.cursorRow);
    const before = spaced(row.text.slice(0, row.cursor));
    if (this.#known.startOf(before) !== '') this.#rows.printed(undefined);
    const atPrompt = this.#known.has(before);
    const head = this.#waiting[0];
    if (!head || head.drawn === this.#drawn) return;
    const isElsewhere = head.lost || (head.anchor && (head.anchor.mark?.line ?? head.anchor.row) !== row.first);
    if (atPrompt && !screen.alternate && isElsewhere) {
      while (this.#waiting.length > 0) this.#drop(this.#waiting.shift()!, screen);
      return;
    }
    // an Enter that chose from a list, or did something else than enter the line
    if (head.ahead || this.#waiting.length > 1) return;
    const reading = this.#read(head, screen);
    const complete = !head.typed.exact || sameText(head.atEnter?.text ?? '', head.typed.text);
    // as it was, but for an Enter that was quoted with Ctrl-V
    const text = reading?.text ?? '';
    const entered = head.atEnter?.text ?? '';
    const isQuoted = /\^[MJ]$/.test(text) && text.slice(0, -2) === entered.replace(/\^$/, '');
    if (complete && text !== '' && (text === entered || isQuoted)) this.#resume(head);
  }

  /** What was taken for entered goes on. */
  #resume(head: Input): void {
    this.#waiting.shift();
    this.#left = undefined;
    head.typed.blur();
    head.admission = undefined;
    head.judged = undefined;
    if (!this.#input) {
      this.#input = head;
      return;
    }
    this.#input.typed.blur();
    this.#input.anchor ??= head.anchor;
    this.#input.ahead = false;
  }

  #interrupt(mark: KeyMark, by: string, screen: CommandScreen): void {
    const input = this.#input;
    this.#pasting = false;
    if (by !== 'd' || !input || (input.typed.exact && input.typed.text === '')) this.cleared();
    else if (screen.bracketedPaste) {
      // deletes or lists
      input.typed.blur();
    } else if (input.handedOn) {
      // without an Enter before it this is the end of all input, and what was handed on before is the last line
      this.#submit(input, screen, mark);
    } else {
      this.#observe(screen);
      this.#input!.typed.handOn();
      this.#input!.handedOn = true;
    }
  }

  /** Looks at the line as it stands before the next key. */
  #observe(screen: CommandScreen): void {
    let input = this.#input!;
    if (input.anchor?.bounds && !screen.sameBounds(input.anchor.bounds, paneOf(screen))) {
      // another pane
      input = newInput(false);
      this.#input = input;
    }
    if (!input.anchor) {
      if (this.#waiting.length > 0) return;
      this.#anchor(input, screen);
      input.ahead = false;
    }
    const reading = this.#read(input, screen);
    if (!reading) {
      if (this.#waiting.length === 0) this.#anchorAnew(input, screen);
      return;
    }
    const { typed } = input;
    if (reading.broken && typed.exact && !typed.breaks && this.#asksAnew(screen, reading)) {
      this.#observe(screen);
      return;
    }
    // the program put something there before the first key
    if (input.first < 0 && typed.text === '' && reading.text !== '' && this.#known.has(reading.prompt)) typed.blur();
    if (typed.exact && typed.text !== '' && reading.left === typed.text) input.echoed = true;
    // devices and some editors move a long line to the left
    if (/^[$<]/.test(reading.text) && typed.text !== '' && !/^[$<]/.test(typed.text)) input.scrolled = true;
    // printed anew below a list or after an interruption: what it shows now is what there is
    if (input.first >= 0 && input.first !== reading.first) input.reprinted = true;
    if (input.reprinted && typed.exact && !typed.text.startsWith(reading.left)) typed.blur();
    const rows = screen.cursorRow - reading.first;
    input.depth = input.first === reading.first ? Math.max(input.depth, rows) : rows;
    input.first = reading.first;
  }

  /** The program took what was typed without an Enter, as a key, and asks something else now. */
  #asksAnew(screen: CommandScreen, { first }: Reading): boolean {
    const input = newInput(false);
    this.#anchor(input, screen);
    const { prompt, row } = input.anchor!;
    if (row <= first || !(this.#known.has(prompt) || looksLikePrompt(prompt))) {
      input.anchor?.mark?.dispose();
      return false;
    }
    this.cleared();
    this.#input = input;
    return true;
  }

  #anchor(input: Input, screen: CommandScreen): void {
    input.anchor?.mark?.dispose();
    input.anchor = anchorHere(screen, this.#known, input.typed, screen.alternate ? paneOf(screen) : undefined);
  }

  /** What the first key was for is gone, and something else asks now, on another row. */
  #anchorAnew(input: Input, screen: CommandScreen): void {
    const before = input.anchor!;
    const anchor = anchorHere(screen, this.#known, input.typed, before.bounds);
    const place = before.mark ? before.mark.line : before.row;
    if (place !== anchor.row && (this.#known.has(anchor.prompt) || looksLikePrompt(anchor.prompt))) {
      before.mark?.dispose();
      input.anchor = anchor;
    } else anchor.mark?.dispose();
  }

  #read(input: Input, screen: CommandScreen): Reading | undefined {
    return input.anchor && readLine(screen, input.anchor, input.typed, this.#known);
  }

  #submit(input: Input, screen: CommandScreen, { key, at, admission, judged }: KeyMark): void {
    this.#input = undefined;
    input.at = at;
    input.by = key.kind === 'enter' ? key.by : 'enter';
    input.admission = admission;
    input.judged = judged;
    input.atEnter = this.#read(input, screen);
    input.drawn = this.#drawn;
    input.noEditor = !screen.bracketedPaste;
    input.context = screen.alternate ? 'multiplexer' : 'shell';
    if (!input.anchor) input.ahead = true;
    this.#waiting.push(input);
    if (this.#waiting.length > MOST_WAITING) this.#drop(this.#waiting.shift()!, screen);
  }

  // ---- output ----

  /** Draws output that does not move the cursor to another row. */
  draw(screen: CommandScreen, bytes: Buffer): void {
    screen.write(bytes);
    this.#drawn += bytes.length;
  }

  /** What asks for brackets around pastes takes that back when a line is entered, right before or behind it. */
  pasteOff(): void {
    if (this.#left) this.#confirm();
  }

  /**
   * Draws what moves the cursor to another row: a line may end here. `feed`: by a line feed; `erases`: what stood on
   * that row is erased next.
   */
  move(screen: CommandScreen, bytes: Buffer, { feed, erases }: { feed: boolean; erases: boolean }): void {
    const head = this.#left ? undefined : this.#waiting[0];
    const before = screen.cursorRow;
    const bounds = screen.alternate ? paneOf(screen) : undefined;
    const left = spaced(screen.logical(before, bounds).text).trimEnd();
    const reading = head && !head.ahead ? this.#read(head, screen) : undefined;
    const mark = head && !bounds && screen.bracketedPaste ? screen.mark() : undefined;
    this.draw(screen, bytes);
    const after = screen.cursorRow;
    const stays = bounds ? reading && after >= reading.first && after <= reading.last : after <= before;
    if (!feed && stays) mark?.dispose();
    else this.#leaves(head, { left, reading, before, after, mark, erases }, screen);
  }

  #leaves(head: Input | undefined, row: LeftRow, screen: CommandScreen): void {
    const { left, reading, before, after, mark, erases } = row;
    if (this.#rows.printed(left) || !head) return;
    if (head.ahead) {
      this.#lookAhead(left, screen);
      return;
    }
    // further down the same line, where the cursor was in the middle of it
    const isWritten = spaced(screen.row(after)).trim() !== '';
    if (reading && isWritten && after <= reading.last && after > before) return;
    if (isWritten && !erases && head.first >= 0 && before - head.first < head.depth) return;
    const settled = settle({ ...head, atEnd: reading }, this.#known);
    if (!settled) {
      head.ahead = true;
      // where it was typed was no prompt
      if (reading?.by === 'place') {
        head.anchor = undefined;
        head.lost = true;
      }
      this.#lookAhead(left, screen);
      return;
    }
    this.#left = { settled, mark, row: before };
    if (!screen.bracketedPaste || !mark) this.#confirm();
  }

  /** All output is drawn that came until now. */
  drained(screen: CommandScreen): void {
    if (this.#left && this.#row(this.#left) >= screen.cursorRow) this.#decideLeft(screen);
  }

  #decideLeft(screen: CommandScreen): void {
    if (this.#row(this.#left!) >= screen.cursorRow) this.#resume(this.#waiting[0]!);
    else this.#confirm();
  }

  #row({ mark, row }: Left): number {
    return mark ? mark.line : row;
  }

  #confirm(): void {
    const { settled, mark } = this.#left!;
    this.#left = undefined;
    mark?.dispose();
    const head = this.#waiting.shift()!;
    this.#rows.settled(head, settled, head.context);
  }

  /** A row was left while lines wait whose prompts had not been there. */
  #lookAhead(left: string, screen: CommandScreen): void {
    const looked = this.#waiting.slice(0, LOOKED_FOR);
    const isSecret = asksForSecret(left);
    for (const input of looked) input.secretAsked ||= isSecret;
    let index = looked.findIndex(
      (input) => input.typed.exact && input.typed.text.trim() !== '' && inRow(input, left, this.#known),
    );
    if (index < 0) index = looked.findIndex((input) => inRow(input, left, this.#known));
    if (index < 0) return;
    for (const passed of this.#waiting.splice(0, index)) this.#drop(passed, screen);
    const input = this.#waiting.shift()!;
    this.#rows.settled(input, inRow(input, left, this.#known)!, input.context);
  }

  #drop(input: Input, screen: CommandScreen | undefined): void {
    const row = screen ? spaced(screen.logical(screen.cursorRow).text).trimEnd() : '';
    const prompt = input.anchor?.prompt ?? '';
    if (input.by === 'ctrl-o' && !input.ahead && input.atEnter && screen?.cursorRow === input.atEnter.last) {
      // means something else here
      this.#waiting.unshift(input);
      this.#resume(input);
      return;
    }
    const found = input.ahead ? inRow(input, row, this.#known) : undefined;
    const secretAsked = input.secretAsked || asksForSecret(row) || asksForSecret(prompt);
    const about = { prompt, secretAsked, shownElsewhere: input.shownElsewhere };
    this.#rows.settled(input, found ?? giveUp({ ...input, atEnd: undefined }, about, this.#known), input.context);
  }
}

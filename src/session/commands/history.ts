/** Lines remembered per session. */
const MOST = 200;
const DESIGNATOR = /!(?:!|[$^*#]|-?\d+|\?[^?\n]+\??|[A-Za-z_./~][^\s:;|&"')]*)(?::[\w&$^*-]+)*/g;
const QUICK = /^\^([^^\n]*)\^([^^\n]*)\^?/;

/** The lines of a session, for what shells make of `!!`, `!$`, `!ls` and `^old^new`. */
export class LineHistory {
  #lines: string[] = [];

  get last(): string | undefined {
    return this.#lines.at(-1);
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MOST) this.#lines.shift();
  }

  /** What the line becomes, as far as the lines of this session tell; undefined when it stays as it is or nobody knows. */
  expand(line: string): string | undefined {
    const quick = QUICK.exec(line);
    if (quick) return this.last?.replace(quick[1]!, quick[2]!);
    let unknown = false;
    const expanded = outsideQuotes(line, (part) =>
      part.replace(DESIGNATOR, (designator) => {
        const found = this.#find(designator);
        unknown ||= found === undefined;
        return found ?? designator;
      }),
    );
    return unknown || expanded === line ? undefined : expanded;
  }

  #find(designator: string): string | undefined {
    const [event = '', ...modifiers] = designator.slice(1).split(':');
    // `:p` prints without running, other modifiers change the words
    if (modifiers.length > 0) return undefined;
    const words = this.last?.trim().split(/\s+/);
    if (event === '!') return this.last;
    if (event === '$') return words?.at(-1);
    if (event === '^') return words?.[1];
    if (event === '*') return words?.slice(1).join(' ');
    if (/^-\d+$/.test(event)) return this.#lines.at(Number(event));
    if (/^[\d#]/.test(event)) return undefined;
    if (event.startsWith('?')) return this.#lines.findLast((line) => line.includes(event.slice(1).replace(/\?$/, '')));
    return this.#lines.findLast((line) => line.startsWith(event));
  }
}

/** Whether a shell may make something else of this line than it says. */
export function mayExpand(line: string): boolean {
  if (QUICK.test(line)) return true;
  let found = false;
  outsideQuotes(line, (part) => {
    found ||= part.search(DESIGNATOR) >= 0;
    return part;
  });
  return found;
}

/** Whether the shell can have printed this as what it made of the line. */
export function isExpansion(line: string, printed: string, known: string | undefined): boolean {
  if (printed.trim() === '' || printed === line) return false;
  if (known !== undefined && printed.trimEnd() === known.trimEnd()) return true;
  const quick = QUICK.exec(line);
  if (quick) return known === undefined && quick[2] !== '' && printed.includes(quick[2]!);
  const designators = line.match(DESIGNATOR) ?? [];
  // an error message quotes the line or the event; `!!` alone could be any output unless it is what was expected
  if (designators.some((one) => printed.includes(one)) || (known !== undefined && known.trim() !== '')) return false;
  let pattern = '';
  let at = 0;
  for (const match of line.matchAll(DESIGNATOR)) {
    const begins = /^!([A-Za-z_./~][^\s:;|&"')]*)$/.exec(match[0]);
    pattern += `${literal(line.slice(at, match.index))}${begins ? literal(begins[1]!) : ''}.*`;
    at = match.index + match[0].length;
  }
  return new RegExp(`^${pattern}${literal(line.slice(at))}$`, 's').test(printed);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Gives the parts of a line where `!` means history to `change` and joins what it returns. */
function outsideQuotes(line: string, change: (part: string) => string): string {
  return line.replace(/(\\.)|('[^']*'?)|([^\\']+)/gs, (all, escaped, quoted) =>
    (escaped ?? quoted) ? all : change(all),
  );
}

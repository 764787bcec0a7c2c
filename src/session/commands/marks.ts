import type { CommandId } from '../../kernel/id.ts';
import type { CommandReport } from '../../store/model.ts';

const LONGEST = 4096;

/**
 * Shell integration (OSC 133, 633, 7): what the shell itself reports of its last command. Anybody can print such marks,
 * so they only ever add to a row.
 */
export class ShellMarks {
  readonly #report: (id: CommandId, report: CommandReport) => void;
  /** The command whose end was not reported yet. */
  #running: CommandId | undefined;
  #cwd: string | undefined;
  #line: string | undefined;
  #seen = false;

  constructor(report: (id: CommandId, report: CommandReport) => void) {
    this.#report = report;
  }

  /** The shell sends marks: the end of its output is worth reading. */
  get seen(): boolean {
    return this.#seen;
  }

  /** A command was entered; undefined for an empty line. */
  entered(id: CommandId | undefined): void {
    this.#running = id;
    if (id !== undefined && this.#cwd !== undefined) this.#report(id, { cwd: this.#cwd });
    if (id !== undefined && this.#line !== undefined) this.#report(id, { reported: this.#line });
    this.#line = undefined;
  }

  osc(id: number, data: string): void {
    if (data.length > LONGEST) return;
    this.#seen = true;
    if (id === 7) {
      this.#cwd = pathOf(data) ?? this.#cwd;
      return;
    }
    const [kind, first = ''] = data.split(';', 2);
    if (kind === 'D') this.#ended(first);
    else if (id === 633 && kind === 'E') this.#reported(unescaped(first));
    else if (id === 633 && kind === 'P' && first.startsWith('Cwd=')) this.#cwd = unescaped(first.slice(4));
  }

  #reported(line: string): void {
    if (this.#running !== undefined) this.#report(this.#running, { reported: line });
    else this.#line = line;
  }

  #ended(code: string): void {
    if (this.#running === undefined) return;
    if (/^\d{1,10}$/.test(code)) this.#report(this.#running, { exitCode: Number(code) });
    this.#running = undefined;
  }
}

/** `file://host/path`, percent-encoded. */
function pathOf(url: string): string | undefined {
  const path = /^(?:file|kitty-shell-cwd):\/\/[^/]*(\/.*)$/s.exec(url)?.[1];
  if (path === undefined) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `\x3b` and `\\`, as VS Code's marks write them. */
function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(\\))/gi, (_, hex, slash) =>
    slash !== undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

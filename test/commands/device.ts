/**
 * A network device's command line, as switches and routers have it: modes in the prompt, an enable password, `?` that
 * helps at once and writes the line again, Tab, `--More--`, and lines too long for the terminal moved to the left.
 */
const HELP: Readonly<Record<string, readonly string[]>> = {
  '>': ['enable', 'exit', 'ping', 'show'],
  '#': ['configure', 'disable', 'exit', 'ping', 'reload', 'show', 'write'],
  '(config)#': ['end', 'exit', 'hostname', 'interface', 'ntp', 'username'],
  '(config-if)#': ['description', 'end', 'exit', 'ip', 'shutdown'],
};
const MORE = ' --More-- ';
const CONFIG = Array.from({ length: 60 }, (_, n) => `interface GigabitEthernet0/${n}`);

const { stdin, stdout } = process;
let name = 'sw1';
let mode = '>';
let line = '';
let cursor = 0;
let moved = false;
let history: string[] = [];
let recalled = 0;
/** Takes the keys in place of the line editor. */
let asked: ((key: string) => void) | undefined;

const prompt = () => name + mode;
const write = (text: string) => stdout.write(text);
const ask = () => write(prompt());

function key(key: string): void {
  if (asked) {
    asked(key);
    return;
  }
  const actions: Readonly<Record<string, () => void>> = {
    '\r': enter,
    '\n': enter,
    '\t': complete,
    '?': help,
    '\x7f': () => edit(line.slice(0, Math.max(0, cursor - 1)) + line.slice(cursor), Math.max(0, cursor - 1)),
    '\b': () => edit(line.slice(0, Math.max(0, cursor - 1)) + line.slice(cursor), Math.max(0, cursor - 1)),
    '\x01': () => edit(line, 0),
    '\x05': () => edit(line, line.length),
    '\x15': () => edit('', 0),
    '\x18': () => edit('', 0),
    '\x17': () => {
      const kept = line.slice(0, cursor).replace(/\S*\s*$/, '');
      edit(kept + line.slice(cursor), kept.length);
    },
    '\x03': () => leave('^C'),
    '\x1a': () => {
      mode = '#';
      leave('^Z');
    },
    '\x1b[A': () => recall(-1),
    '\x10': () => recall(-1),
    '\x1b[B': () => recall(1),
    '\x0e': () => recall(1),
    '\x1b[C': () => edit(line, Math.min(line.length, cursor + 1)),
    '\x1b[D': () => edit(line, Math.max(0, cursor - 1)),
  };
  const action = actions[key];
  if (action) action();
  else if (key >= ' ') insert(key);
}

function insert(key: string): void {
  const atEnd = cursor === line.length;
  const next = line.slice(0, cursor) + key + line.slice(cursor);
  if (atEnd && !moved && prompt().length + next.length < stdout.columns) {
    line = next;
    cursor = line.length;
    write(key);
  } else edit(next, cursor + 1);
}

/** Draws the line anew; one that does not fit shows its end behind a dollar sign. */
function edit(next: string, at: number): void {
  line = next;
  cursor = at;
  const room = stdout.columns - prompt().length - 2;
  moved = line.length > room;
  const shown = moved ? `$${line.slice(-(room >> 1))}` : line;
  write(`\r${prompt()}${shown}\x1b[K`);
  const back = moved ? 0 : line.length - cursor;
  if (back > 0) write('\b'.repeat(back));
}

function recall(step: number): void {
  recalled = Math.min(history.length, Math.max(0, recalled + step));
  const text = history[recalled] ?? '';
  edit(text, text.length);
}

function words(): { readonly last: string; readonly fitting: string[] } {
  const last = line.split(' ').at(-1)!;
  const all = line.includes(' ') ? ['interfaces', 'running-config', 'terminal', 'memory', 'version'] : HELP[mode]!;
  return { last, fitting: all.filter((word) => word.startsWith(last)) };
}

function complete(): void {
  const { last, fitting } = words();
  if (fitting.length === 1) line += `${fitting[0]!.slice(last.length)} `;
  cursor = line.length;
  write(`\r\n${prompt()}${line}`);
}

function help(): void {
  write(
    `?\r\n${words()
      .fitting.map((word) => `  ${word}\r\n`)
      .join('')}\r\n${prompt()}${line}`,
  );
  cursor = line.length;
}

function leave(mark: string): void {
  write(`${mark}\r\n`);
  fresh();
}

function fresh(): void {
  line = '';
  cursor = 0;
  moved = false;
  recalled = history.length;
  ask();
}

function enter(): void {
  const text = line.trim();
  write('\r\n');
  if (text !== '') {
    history = [...history, text];
    carryOut(text);
  }
  if (!asked) fresh();
}

/** Leaves `asked` set when it wants an answer first. */
function carryOut(text: string): void {
  const [verb = '', ...rest] = text.split(/\s+/);
  const is = (word: string, least = 2) => verb.length >= least && word.startsWith(verb);
  const configuring = mode.startsWith('(config');
  if (mode === '>' && is('enable')) askPassword();
  else if (mode === '#' && is('configure', 4)) {
    write('Enter configuration commands, one per line.  End with CNTL/Z.\r\n');
    mode = '(config)#';
  } else if (configuring && is('interface', 3)) mode = '(config-if)#';
  else if (mode === '(config)#' && is('hostname', 4)) name = rest[0] ?? name;
  else if (configuring && is('end')) mode = '#';
  else if (is('exit')) {
    if (!configuring) process.exit(0);
    mode = mode === '(config-if)#' ? '(config)#' : '#';
  } else if (is('disable')) mode = '>';
  else if (is('reload')) confirm();
  else if (is('write')) write('Building configuration...\r\n[OK]\r\n');
  else if (is('show') && 'running-config'.startsWith(rest[0] ?? '-')) page(CONFIG);
  else if (is('show')) write('Version 15.2(4)E10, uptime is 3 weeks\r\n');
  else if (!configuring && !is('ping')) {
    write(`${' '.repeat(prompt().length)}^\r\n% Invalid input detected at '^' marker.\r\n\r\n`);
  }
}

/** Nothing of it is shown. */
function askPassword(): void {
  let typed = '';
  write('Password: ');
  asked = (key) => {
    if (key !== '\r' && key !== '\n') {
      typed += key;
      return;
    }
    asked = undefined;
    write('\r\n');
    if (typed === 'letmein') mode = '#';
    else write('% Bad secrets\r\n\r\n');
    fresh();
  };
}

function confirm(): void {
  write('Proceed with reload? [confirm]');
  asked = (key) => {
    asked = undefined;
    write(key === '\r' || key === 'y' ? '\r\nNot today.\r\n' : '\r\n');
    fresh();
  };
}

function page(lines: readonly string[]): void {
  let shown = 0;
  const go = (count: number) => {
    write(
      lines
        .slice(shown, shown + count)
        .map((one) => `${one}\r\n`)
        .join(''),
    );
    shown += count;
    if (shown < lines.length) write(MORE);
    else asked = undefined;
  };
  asked = (key) => {
    write('\b'.repeat(MORE.length) + ' '.repeat(MORE.length) + '\b'.repeat(MORE.length));
    if (key === ' ') go(stdout.rows - 1);
    else if (key === '\r' || key === '\n') go(1);
    else asked = undefined;
    if (!asked) fresh();
  };
  go(stdout.rows - 1);
}

stdin.setRawMode(true);
stdin.setEncoding('utf8');
stdin.on('data', (chunk: string) => {
  for (const [one] of chunk.matchAll(/\x1b\[.|./gsu)) key(one);
});
write('\r\nswitch sw1, line 1\r\n\r\n');
ask();

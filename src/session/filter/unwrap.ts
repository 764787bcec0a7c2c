import { type Field, type Output, plainField } from './field.ts';
import { isShell, WRAPPERS, type Wrapper } from './wrappers.ts';

/** What a command runs: another command by its words, or a text a shell reads. */
export type Inner = { readonly through: string } & (
  | { readonly argv: readonly Field[] }
  | { readonly script: string; readonly args?: readonly Field[] | undefined }
);

export interface Unwrapped {
  readonly inner: readonly Inner[];
  /** What it runs that stands elsewhere. */
  readonly undecided: readonly string[];
}

/** What goes into a command; undefined is the terminal. */
export type Input = Output | undefined;

type Unwrap = (args: readonly Field[], input: Input, name: string) => Unwrapped | readonly Inner[];

const NOTHING: Unwrapped = { inner: [], undecided: [] };

/** What the command of this name runs besides itself. */
export function unwrap(name: string, args: readonly Field[], input: Input): Unwrapped {
  const special = isShell(name) ? shell : SPECIAL.get(name);
  if (special) {
    const found = special(args, input, name);
    return 'inner' in found ? found : { inner: found, undecided: [] };
  }
  const wrapper = WRAPPERS.get(name);
  return wrapper ? wrapped(name, wrapper, args, input) : NOTHING;
}

/** Names of commands that run others. */
export function runners(): Iterable<string> {
  return RUNNERS;
}

function wrapped(name: string, wrapper: Wrapper, args: readonly Field[], input: Input): Unwrapped {
  // command -v rm only asks
  if (name === 'command' && /^-[pvV]*[vV]/.test(args[0]?.text ?? '')) return NOTHING;
  const starts = commandStarts(args, wrapper);
  const inner = starts.map((start): Inner => ({ through: name, argv: args.slice(start) }));
  if (inner.length > 0 || wrapper.feedsShell !== true) return { inner, undecided: [] };
  return fed(name, input);
}

/** A shell that reads its commands from its input. */
function fed(name: string, input: Input): Unwrapped {
  const through = `input of ${name}`;
  return {
    inner: input && input.text !== '' ? [{ through, script: input.text }] : [],
    undecided: !input || input.complete ? [] : [through],
  };
}

/**
 * Where the command begins. Two places when an option is not known: the word after it may be its value.
 */
function commandStarts(args: readonly Field[], wrapper: Wrapper): number[] {
  const starts = new Set<number>();
  const look = (from: number, forks: number) => {
    let at = from;
    for (; at < args.length; at++) {
      const { text } = args[at]!;
      if (text === '--') {
        at++;
        break;
      }
      if (text.startsWith('--')) {
        if (text.includes('=')) continue;
        const name = text.slice(2);
        if (wrapper.long?.some((long) => long.startsWith(name))) at++;
        else if (forks > 0) look(at + 2, forks - 1);
      } else if (/^[-+]./.test(text)) {
        if (takesNext(text, wrapper.short ?? '')) at++;
      } else if (text !== '-' && !(wrapper.assignments && /^[A-Za-z_]\w*=/.test(text))) break;
    }
    at += wrapper.operands ?? 0;
    // env and sudo take assignments behind `--` too
    while (wrapper.assignments && /^[A-Za-z_]\w*=/.test(args[at]?.text ?? '')) at++;
    if (at < args.length) starts.add(at);
  };
  look(0, 2);
  return [...starts].sort((a, b) => a - b);
}

/** `-nu root`: whether the value of the last option is the next word. */
function takesNext(cluster: string, withValue: string): boolean {
  const at = [...cluster.slice(1)].findIndex((letter) => withValue.includes(letter));
  return at >= 0 && at === cluster.length - 2;
}

const shell: Unwrap = (args, input, name) => {
  let at = 0;
  let asked = false;
  for (; at < args.length; at++) {
    const { text } = args[at]!;
    if (text === '--' || text === '-') {
      at++;
      break;
    }
    if (!/^[-+]./.test(text)) break;
    if (/^--(?:rcfile|init-file|init-command)$/.test(text) || /^[-+][a-zA-Z]*[oO]$/.test(text)) at++;
    if (text === '--command' || /^-[a-zA-Z]*c/.test(text)) asked = true;
  }
  const [first, ...rest] = args.slice(at);
  if (asked) return first ? [{ through: `${name} -c`, script: first.text, args: rest }] : NOTHING;
  if (first?.input) return fed(name, first.input);
  if (!first || first.text === '/dev/stdin' || args.some((arg) => /^-[a-z]*s/.test(arg.text))) return fed(name, input);
  return NOTHING;
};

const evaluated: Unwrap = (args, _input, name) => {
  const words = args[0]?.text === '--' ? args.slice(1) : args;
  return words.length > 0 ? [{ through: name, script: joined(words) }] : NOTHING;
};

const sourced: Unwrap = ([file], input, name) => {
  if (file?.input) return fed(name, file.input);
  return file?.text === '/dev/stdin' || file?.text === '-' ? fed(name, input) : NOTHING;
};

const fromInput: Unwrap = (_args, input, name) => fed(name, input);

/** The value of an option that is a command line: `-c 'rm x'`, `-c'rm x'`, `--command=rm`. */
function optionValue(args: readonly Field[], letter: string, long: string): string | undefined {
  for (const [at, { text }] of args.entries()) {
    if (text === `--${long}`) return args[at + 1]?.text;
    if (text.startsWith(`--${long}=`)) return text.slice(long.length + 3);
    const found = new RegExp(`^-[a-zA-Z]*?${letter}([\\s\\S]*)$`).exec(text);
    if (found) return found[1] === '' ? args[at + 1]?.text : found[1];
  }
  return undefined;
}

const su: Unwrap = (args, input, name) => {
  const script = optionValue(args, 'c', 'command') ?? optionValue(args, 'C', 'session-command');
  if (script !== undefined) return [{ through: `${name} -c`, script }];
  if (name === 'su') return fed(name, input);
  const wrapper: Wrapper = { short: 'ugGsTw', long: ['user', 'group', 'supp-group', 'shell', 'whitelist-environment'] };
  return wrapped(name, { ...wrapper, operands: name === 'sg' ? 1 : 0, feedsShell: true }, args, input);
};

/** The rest of the words, joined, is read by a shell elsewhere. */
const remote: Unwrap = (args, input, name) => {
  const options = 'BbcDEeFIiJLlmOoPpQRSWw';
  const [start] = commandStarts(args, { short: options, operands: 1 });
  // options may follow the host too
  const rest = start === undefined ? [] : args.slice(start).filter((_, at, all) => at > 0 || !/^-./.test(all[0]!.text));
  if (rest.length > 0) return [{ through: name, script: joined(rest) }];
  return fed(name, input);
};

const watch: Unwrap = (args, _input, name) => {
  return commandStarts(args, { short: 'nqs', long: ['interval', 'equexit'] }).map((start) => ({
    through: name,
    script: joined(args.slice(start)),
  }));
};

const script: Unwrap = (args, input, name) => {
  const line = optionValue(args, 'c', 'command');
  return line === undefined ? fed(name, input) : [{ through: `${name} -c`, script: line }];
};

const flock: Unwrap = (args, _input, name) => {
  const line = optionValue(args, 'c', 'command');
  if (line !== undefined) return [{ through: `${name} -c`, script: line }];
  return wrapped(name, { short: 'wE', long: ['wait', 'timeout', 'conflict-exit-code'], operands: 1 }, args, undefined);
};

const env: Unwrap = (args, input, name) => {
  const split = optionValue(args, 'S', 'split-string');
  if (split === undefined) return wrapped(name, WRAPPERS.get('env')!, args, input);
  const at = args.findIndex(({ text }) => text.includes(split));
  return [{ through: 'env -S', script: [`env ${split}`, joined(args.slice(at + 1))].join(' ') }];
};

const xargs: Unwrap = (args, input, name) => {
  const options = { short: 'adEILnPs', long: ['arg-file', 'delimiter', 'max-args', 'max-chars', 'max-procs'] };
  const [start = args.length] = commandStarts(args, options);
  const command = start < args.length ? args.slice(start) : [plainField('echo')];
  const undecided = !input || input.complete ? [] : [`input of ${name}`];
  const before = args.slice(0, start);
  const mark = before.some(({ text }) => /^-(?:-replace|i$)/.test(text)) ? '{}' : optionValue(before, 'I', 'replace');
  const words = (input?.text ?? '').split(/[\s\0]+/).filter((word) => word !== '');
  if (mark === undefined || mark === '') {
    return {
      inner: [{ through: name, argv: [...command, ...words.map((word) => plainField(unquoted(word)))] }],
      undecided,
    };
  }
  const lines = (input?.text ?? '').split('\n').filter((line) => line !== '');
  if (lines.length === 0) lines.push(mark);
  const inner = lines.map((line) => ({
    through: name,
    argv: command.map((field) => (field.text.includes(mark) ? plainField(field.text.replaceAll(mark, line)) : field)),
  }));
  return { inner, undecided };
};

/** xargs reads quotes and backslashes itself. */
function unquoted(word: string): string {
  return word.replace(/["']|\\(.)/g, '$1');
}

const EXECUTES = /^-(?:exec|execdir|ok|okdir)$/;
const find: Unwrap = (args) => {
  const inner: Inner[] = [];
  for (let at = 0; at < args.length; at++) {
    const { text } = args[at]!;
    if (!EXECUTES.test(text)) continue;
    const start = at + 1;
    while (at < args.length && args[at]!.text !== ';' && args[at]!.text !== '+') at++;
    inner.push({ through: `find ${text}`, argv: args.slice(start, at) });
  }
  return inner;
};

const parallel: Unwrap = (args, input, name) => {
  const options = {
    short: 'jSIadLnNPs',
    long: ['jobs', 'sshlogin', 'colsep', 'delay', 'timeout', 'joblog', 'results'],
  };
  const lists = args.findIndex(({ text }) => text.startsWith(':::'));
  const values = lists < 0 ? [] : args.slice(lists).filter(({ text }) => !text.startsWith(':::'));
  const own = lists < 0 ? args : args.slice(0, lists);
  const starts = commandStarts(own, options);
  const scripts = starts.map((start) => joined([...own.slice(start), ...values]));
  if (scripts.length > 0) return scripts.map((line) => ({ through: name, script: line }));
  if (values.length > 0) return values.map(({ text }) => ({ through: name, script: text }));
  return fed(name, input);
};

/** `docker exec web rm x`, `kubectl exec web -- rm x` */
const container: Unwrap = (args, input, name) => {
  const at = args.findIndex(({ text }) => /^(?:exec|run|debug)$/.test(text));
  if (at < 0) return NOTHING;
  const through = `${name} ${args[at]!.text}`;
  const rest = args.slice(at + 1);
  const dashes = rest.findIndex(({ text }) => text === '--');
  if (dashes >= 0) return wrapped(through, {}, rest.slice(dashes), input);
  if (args[at]!.text === 'debug') return NOTHING;
  const short = name === 'kubectl' || name === 'oc' ? 'cnfs' : 'acehlmpuvw';
  const long = ['container', 'env', 'env-file', 'index', 'name', 'namespace', 'network', 'user', 'volume', 'workdir'];
  return wrapped(through, { short, long, operands: 1 }, rest, input);
};

const trap: Unwrap = (args, _input, name) => {
  const action = args.find(({ text }) => !/^-[lp]+$/.test(text) && text !== '--');
  return action && action.text !== '-' && args.length > 1 ? [{ through: name, script: action.text }] : NOTHING;
};

const alias: Unwrap = (args, _input, name) =>
  args
    .filter(({ text }) => /^[^=]+=/.test(text))
    .map(({ text }) => ({ through: name, script: text.slice(text.indexOf('=') + 1) }));

const SPECIAL: ReadonlyMap<string, Unwrap> = new Map([
  ['eval', evaluated],
  ['.', sourced],
  ['source', sourced],
  ['at', fromInput],
  ['batch', fromInput],
  ['su', su],
  ['runuser', su],
  ['sg', su],
  ['ssh', remote],
  ['rsh', remote],
  ['watch', watch],
  ['script', script],
  ['flock', flock],
  ['env', env],
  ['xargs', xargs],
  ['find', find],
  ['parallel', parallel],
  ['docker', container],
  ['podman', container],
  ['nerdctl', container],
  ['docker-compose', container],
  ['kubectl', container],
  ['oc', container],
  ['trap', trap],
  ['alias', alias],
]);

const RUNNERS: readonly string[] = [...SPECIAL.keys(), ...WRAPPERS.keys(), 'sh', 'bash', 'dash', 'zsh', 'ksh', 'ash'];

function joined(words: readonly Field[]): string {
  return words.map(({ text }) => text).join(' ');
}

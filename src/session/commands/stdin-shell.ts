import { LineFilter } from '../filter/line-filter.ts';

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'ash', 'fish', 'csh', 'tcsh']);
/** Options of shells that take the next word. */
const WITH_VALUE: ReadonlySet<string> = new Set(['-o', '+o', '-O', '+O', '--rcfile', '--init-file']);

/** Standard input by a name of its own. */
const STDIN = /^\/(?:dev\/stdin|(?:dev|proc\/self)\/fd\/0)$/;

/** Finds the simple commands of a line; it holds no rules. */
const parser = new LineFilter([]);

/**
 * Whether a requested command reads commands from its standard input, as `bash`, `sudo sh -s` or `ssh other` do: then
 * what comes in is lines to run. undefined is the login shell.
 */
export function readsCommands(command: string | undefined): boolean {
  return command === undefined || parser.judge(command).commands.some(({ text }) => isShellOnStdin(text.split(/\s+/)));
}

function isShellOnStdin(words: readonly string[]): boolean {
  const name = (words[0] ?? '').split('/').at(-1)!.replace(/^-/, '');
  const operands = words.slice(1);
  if (SHELLS.has(name)) return hasNoScript(operands);
  if (name === '.' || name === 'source') return STDIN.test(operands[0] ?? '');
  if (name === 'sudo' || name === 'doas')
    return operands.some((word) => /^-[a-z]*[is]$|^--(?:login|shell)$/.test(word));
  if (name === 'su') return !operands.some((word) => /^-[a-z]*c$|^--command/.test(word));
  // a host and nothing to run there
  return name === 'ssh' && operands.filter((word) => !word.startsWith('-')).length === 1;
}

function hasNoScript(operands: readonly string[]): boolean {
  for (let i = 0; i < operands.length; i++) {
    const word = operands[i]!;
    if (/^-[a-z]*s/i.test(word) && !word.startsWith('--')) return true;
    if (/^-[a-z]*c/i.test(word) && !word.startsWith('--')) return false;
    if (WITH_VALUE.has(word)) i++;
    else if (word === '-' || STDIN.test(word)) return true;
    else if (word === '--') return i === operands.length - 1;
    // a redirection is no script
    else if (!/^[-+]|^\d*[<>]/.test(word)) return false;
  }
  return true;
}

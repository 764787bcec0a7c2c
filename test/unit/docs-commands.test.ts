import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { ERROR_CODES } from '../../src/kernel/errors.ts';
import { backendWith } from './cli-backend.ts';

const root = join(import.meta.dirname, '../..');
const page = (name: string) => readFileSync(join(root, name), 'utf8');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** Every `bastion …` that a page tells somebody to type: whole lines of blocks, and what stands in the text, which may be cut short. */
function told(text: string): { line: string; whole: boolean }[] {
  const blocks = [...text.matchAll(/^```(?:sh[^\n]*)?\n(.*?)^```$/gms)].map(([, block]) => block!);
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.replace(/\s#\s.*/, '').split(/ && (?=bastion )/));
  const spans = [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  const commands = (from: string[], whole: boolean) =>
    from
      .map((line) => /^(?:sudo )?(?:\.\/(?:scripts\/)?)?bastion (?!COMMAND|…)(.*)$/.exec(line.trim())?.[1])
      .filter((line) => line !== undefined)
      .filter((line) => !NO_COMMANDS.has(line))
      .map((line) => ({ line: line.replace(/\s(?:[|>]|2>).*/, '').trim(), whole }));
  return [...commands(lines, true), ...commands(spans, false)];
}

/** Names of keys, derived from a secret. */
const NO_COMMANDS = new Set(['audit mac 1', 'audit sign 1']);

const words = (line: string) => line.match(/(?:'[^']*'|"[^"]*"|\S)+/g) ?? [];

/** What is wrong with a command line, without running it. */
function problem(program: Command, line: string, whole: boolean): string | undefined {
  let at = program;
  const rest = words(line.replaceAll(/[[\]…]/g, ''));
  if (rest[0] === '--data') rest.splice(0, 2);
  for (let next = child(at, rest[0]); next; next = child(at, rest[0])) {
    at = next;
    rest.shift();
  }
  if (at.commands.length > 0) {
    if (rest.length === 0 && !whole) return undefined;
    return rest[0]?.startsWith('-') && !whole ? undefined : `has no command ${rest[0]}`;
  }
  const given: string[] = [];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!word.startsWith('--')) {
      given.push(word);
      continue;
    }
    const name = word.split('=')[0]!;
    const option = [...at.options, ...program.options].find((one) => one.long === name);
    if (!option && name !== '--help') return `has no option ${name}`;
    if (option?.required && !word.includes('=')) rest.shift();
  }
  const wanted = at.registeredArguments;
  const least = wanted.filter((one) => one.required).length;
  if (whole && given.length < least) return `needs ${least} words`;
  if (!wanted.some((one) => one.variadic) && given.length > wanted.length) return `takes ${wanted.length} words`;
  return undefined;
}

const child = (of: Command, name: string | undefined) => of.commands.find((one) => one.name() === name);

describe('the documentation', () => {
  const { stdin, stdout, stderr } = process;
  // its commands are looked at, none is run
  const backend = backendWith(() => Promise.reject(new Error('nothing is called here')), '/nowhere');
  const { command: program } = createProgram(
    { stdin, stdout, stderr, now: Date.now, env: {}, onSignal: () => () => {} },
    backend,
  );

  it('names commands and options that there are', () => {
    const all = pages.flatMap((name) => told(page(name)).map((one) => ({ name, ...one })));
    expect(all.length).toBeGreaterThan(100);
    const wrong = all.flatMap(({ name, line, whole }) => {
      const why = problem(program, line, whole);
      return why === undefined ? [] : [`${name}: bastion ${line}: ${why}`];
    });
    expect(wrong).toEqual([]);
  });

  it('tells every code of an error', () => {
    const api = page('docs/API.md');
    const told = [...api.slice(api.indexOf('## Errors'), api.indexOf('## Streams')).matchAll(/`([a-z_]+…?)`/g)].map(
      ([, code]) => code!,
    );
    const missing = Object.keys(ERROR_CODES).filter(
      (code) => !told.some((one) => one === code || (one.endsWith('…') && code.startsWith(one.slice(0, -1)))),
    );
    expect(missing).toEqual([]);
  });

  it('quotes sentences that Bastion says', () => {
    // words of other programs
    const foreign = /^(?:Permission denied|REMOTE HOST|Received message|administratively)/;
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
      .join('\n');
    const said = page('docs/TROUBLESHOOTING.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| it says'))
      .flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`([^`]{12,})`/g)].map(([, text]) => text!))
      .filter((text) => !foreign.test(text));
    expect(said.length).toBeGreaterThan(20);
    const unknown = said.filter((text) =>
      text
        .split('…')
        .map((part) => part.replaceAll(/^["\s]+|["\s.]+$/g, ''))
        .some((part) => part.length > 6 && !sources.includes(part)),
    );
    expect(unknown).toEqual([]);
  });
});

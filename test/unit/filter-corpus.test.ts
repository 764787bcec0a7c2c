import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LineFilter } from '../../src/session/filter/line-filter.ts';
import { type CorpusFile, corpus, DOCUMENT, documentWithTables } from '../commands/filter/corpus.ts';

const files = corpus();

describe.each(files)('$name: $title', ({ rules, lines }) => {
  const filter = new LineFilter(rules);

  test.each(lines)('$line', ({ line, expect: action, commands, undecided = [] }) => {
    const verdict = filter.judge(line);
    const found = verdict.commands.filter(({ via }) => via?.[0] !== 'whole line');
    expect(verdict.action).toBe(action);
    expect(found.map(({ text }) => text)).toEqual(commands);
    expect([...new Set(found.flatMap((command) => command.undecided ?? []))]).toEqual(undecided);
    expect(verdict.unread).toBeUndefined();
  });
});

test('the corpus has at least 120 lines, and no line twice in a file', () => {
  expect(files.flatMap(({ lines }) => lines).length).toBeGreaterThanOrEqual(120);
  for (const { name, lines } of files) expect(new Set(lines.map(({ line }) => line)).size, name).toBe(lines.length);
});

test('what the document for administrators says is what the corpus proves', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text, 'write it anew with: node test/commands/filter/corpus.ts').toBe(documentWithTables(text));
});

describe.each(files.filter(({ shell }) => shell !== undefined))('$name in a real shell', (file) => {
  test('runs rm exactly where the filter says so', () => {
    const lines = file.lines.filter(({ real }) => real !== false);
    const caught = lines.filter(({ expect: action }) => action !== 'allow').map(({ line }) => line);
    expect(ranIn({ ...file, lines })).toEqual(caught);
  });
});

/** The lines of which a real shell runs `rm`: a harmless one of ours, which only says so. */
function ranIn({ shell, lines }: CorpusFile): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'filter-'));
  try {
    const witness = join(directory, 'ran');
    writeFileSync(join(directory, 'rm'), `#!/bin/sh\necho ran >> ${witness}\n`, { mode: 0o755 });
    return lines
      .map(({ line }) => line)
      .filter((line) => {
        writeFileSync(witness, '');
        // nothing but `rm x` in a directory of its own: the corpus may not name other files
        expect(line).not.toMatch(/(?:^|[\s'"=])\/(?!dev\/(?:null|stdin)\b)|\.\.\//);
        const env = { PATH: `${directory}:${process.env.PATH}`, HOME: directory };
        spawnSync(shell!, ['-c', line], { cwd: directory, env, stdio: ['ignore', 'ignore', 'ignore'], timeout: 5000 });
        return readFileSync(witness, 'utf8') !== '';
      });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

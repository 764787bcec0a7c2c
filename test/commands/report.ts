/**
 * Plays the corpus and prints its accuracy per shell.
 *   node test/commands/report.ts [--write] [--only TEXT] [--mode free|filtered] [--traces DIR]
 * `--write` puts the table into docs/COMMANDS.md, `--traces` writes what went each way in cases that failed.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCorpus } from './corpus.ts';
import { MODES, type Mode, playAll } from './driver.ts';
import { explained, failed, table } from './table.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    mode: { type: 'string' },
    traces: { type: 'string' },
    all: { type: 'boolean', default: false },
    beside: { type: 'string', default: '3' },
  },
});
const DOCUMENT = join(import.meta.dirname, '../../docs/COMMANDS.md');

const cases = loadCorpus().filter((one) => `${one.group}: ${one.name}`.includes(values.only));
const began = performance.now();
const modes = values.mode === undefined ? MODES : [values.mode as Mode];
const outcomes = await playAll(cases, modes, Number(values.beside));
const bad = outcomes.filter((outcome) => values.all || failed(outcome));
for (const outcome of bad) console.log(explained(outcome));
if (values.traces !== undefined) {
  rmSync(values.traces, { recursive: true, force: true });
  mkdirSync(values.traces, { recursive: true });
  for (const outcome of bad) {
    const name = `${outcome.case.group}-${outcome.case.name}-${outcome.mode}`.replaceAll(/[^\w]+/g, '-');
    const text = `${explained(outcome)}\nscreen at the end:\n${outcome.screen}\n\n${outcome.trace.join('\n')}\n`;
    writeFileSync(join(values.traces, `${name}.txt`), text);
  }
}
console.log(table(outcomes));
console.log(
  `${outcomes.length} plays in ${((performance.now() - began) / 1000).toFixed(1)} s, ${outcomes.filter(failed).length} of them failed`,
);
if (values.write) {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [start, end] = ['<!-- accuracy -->', '<!-- end -->'];
  const [before, after] = [document.indexOf(start) + start.length, document.indexOf(end)];
  writeFileSync(DOCUMENT, `${document.slice(0, before)}\n${table(outcomes)}\n${document.slice(after)}`);
}
process.exitCode = bad.length === 0 ? 0 : 1;

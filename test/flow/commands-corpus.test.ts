import { beforeAll, describe, expect, test } from 'vitest';
import { loadCorpus } from '../commands/corpus.ts';
import { type Outcome, playAll } from '../commands/driver.ts';
import { explained, failed } from '../commands/table.ts';

const cases = loadCorpus();
let outcomes: readonly Outcome[];
beforeAll(async () => {
  outcomes = await playAll(cases);
  // Reading is bounded in time, and other tests may have had the processors: a few are played once more. Whatever reads
  // wrongly does so twice, and more than a few are no accident
  const stumbled = new Set(outcomes.filter(failed).map((outcome) => outcome.case));
  if (stumbled.size === 0 || stumbled.size > 3) return;
  const again = await playAll(cases.filter((one) => stumbled.has(one)));
  outcomes = [...outcomes.filter((outcome) => !stumbled.has(outcome.case)), ...again];
}, 300_000);

test('the corpus is large, and every kind of shell is in it', () => {
  expect(cases.length).toBeGreaterThanOrEqual(80);
  const shells = ['bash', 'zsh', 'zsh-autosuggestions', 'fish', 'dash', 'python', 'mariadb', 'sqlite', 'device'];
  expect(new Set(cases.map((one) => one.shell))).toEqual(new Set(shells));
});

// a detector that is never sure would be right, too
test('what can be known surely is', () => {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const unsure = sum(({ verdict }) => verdict.unsure);
  expect(unsure / sum(({ verdict }) => verdict.sure + verdict.unsure)).toBeLessThan(0.03);
});

describe.each([...new Set(cases.map((one) => one.group))])('%s', (group) => {
  const names = cases.filter((one) => one.group === group).map((one) => one.name);
  test.each(names)('%s', (name) => {
    const played = outcomes.filter(({ case: one }) => one.group === group && one.name === name);
    expect(played).toHaveLength(2);
    expect(played.filter(failed).map(explained).join('\n')).toBe('');
  });
});

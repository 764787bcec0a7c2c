import { expect, test } from 'vitest';
import { Screen } from '../../src/cli/player/screen.ts';

test('a sequence that asks for two thousand million steps does not stop who looks on', async () => {
  const screen = new Screen(80, 24);
  for (const final of 'LMSTIZb@PX') await screen.write(`x\x1b[2147483647${final}`);
  await screen.write('\x1b[2J\x1b[Hstill here');
  expect(screen.text()).toEqual(['still here']);
  screen.dispose();
});

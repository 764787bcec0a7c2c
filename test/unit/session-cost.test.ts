import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { house } from './session-kit.ts';

test('memory of 200 idle terminals and the cost of recording, in numbers', async () => {
  const { open, registry } = await house({ session: { max_per_user: 1000 } });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  for (let i = 0; i < 20; i++) await open();
  const before = used();
  const sessions = [];
  for (let i = 0; i < 200; i++) {
    const opened = await open();
    for (let line = 0; line < 20; line++) opened.target.say(`line ${line} of the greeting of this machine\r\n`);
    sessions.push(opened);
  }
  const each = (used() - before) / 200;
  process.stdout.write(`idle terminal: ${(each / 2 ** 20).toFixed(3)} MB each\n`);
  expect(each).toBeLessThan(0.3 * 2 ** 20);

  const { target } = sessions[0]!;
  const chunk = Buffer.from('\x1b[32mdrwxr-xr-x\x1b[0m 2 root root 4096 a line of a listing\r\n'.repeat(500));
  const start = process.cpuUsage();
  const count = Math.ceil((64 * 2 ** 20) / chunk.length);
  for (let i = 0; i < count; i++) {
    target.sink.data(chunk);
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(
    `recording a terminal: ${((user + system) / 1000 / 64).toFixed(2)} ms CPU per MB, fake client included\n`,
  );
  expect(registry.live()).toHaveLength(220);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLog } from '../../src/kernel/log.ts';

const HOSTILE = 'bob\nFAKE 12:00:00 INFO  logged in\x1b[2J\x7f\u009b31m\u2028\u202e';
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/;

function written(format: 'pretty' | 'json'): string {
  const out = new PassThrough();
  const log = createLog({ level: 'info', format }, out);
  const err = new Error(`said ${HOSTILE}`);
  log.info({ user: HOSTILE, nested: { name: HOSTILE }, [HOSTILE]: 1, err }, `message ${HOSTILE}`);
  return (out.read() as Buffer).toString();
}

it.each(['pretty', 'json'] as const)('%s: what others wrote moves no cursor and makes no line of its own', (format) => {
  const text = written(format);
  expect(text).not.toMatch(CONTROL);
  const lines = text.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('FAKE'))).toEqual([]);
  if (format === 'json') expect(lines).toHaveLength(1);
});

it('json stays what it was when read', () => {
  const { user, msg } = JSON.parse(written('json')) as Record<string, string>;
  expect({ user, msg }).toEqual({ user: HOSTILE, msg: `message ${HOSTILE}` });
});

it('pretty keeps the lines of a stack', () => {
  const out = new PassThrough();
  createLog({ level: 'info', format: 'pretty' }, out).error({ err: new Error('broken') }, 'it failed');
  expect((out.read() as Buffer).toString()).toMatch(/ERROR it failed\n {2}Error: broken\n {6}at .*\n/);
});

it('a log nobody reads any more is no exception', async () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/kernel/log.ts', import.meta.url).href)};
    process.on('uncaughtException', () => process.exit(3));
    const log = createLog({ level: 'info', format: 'json' });
    process.stdin.on('end', () => {
      log.info('for nobody');
      setImmediate(() => setImmediate(() => process.exit(0)));
    }).resume();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stderr.destroy();
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

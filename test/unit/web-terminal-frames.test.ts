import { expect, test } from 'vitest';
import { MAX_FRAME } from '../../src/api/contract/ws-limits.ts';
import { eventually } from '../kit/process.ts';
import { terminalDoor } from './web-terminal-kit.ts';

/** What no page of ours sends. */

const HELLO = { type: 'hello', ticket: 'shell of alice', cols: 80, rows: 24 };
test.each<[string, string | Buffer]>([
  ['no JSON', '{"type":"hello"'],
  ['an array', '[]'],
  ['an unknown message', '{"type":"exec","command":"id"}'],
  ['a message of a later time', '{"type":"ack","received":1}'],
  ['input before hello', Buffer.from('id\r')],
  ['a terminal of no size', JSON.stringify({ ...HELLO, cols: 0 })],
  ['a terminal too large', JSON.stringify({ ...HELLO, rows: 100_000 })],
  ['a TERM with an escape', JSON.stringify({ ...HELLO, term: 'x\u001b[0m' })],
  ['a word too many', JSON.stringify({ ...HELLO, admin: true })],
  ['deep nesting', '['.repeat(50_000)],
])('as the first frame %s is refused', async (_name, frame) => {
  const { page: open, registry } = await terminalDoor();
  const page = await open();
  page.ws.send(frame, { binary: Buffer.isBuffer(frame) });
  expect(await page.message('error')).toMatchObject({ code: 'invalid' });
  expect(await page.closed).toBe(1008);
  expect(registry.live()).toEqual([]);
});

test.each<[string, string]>([
  ['no JSON', 'hello'],
  ['an unknown message', '{"type":"exec"}'],
  ['a second hello', JSON.stringify(HELLO)],
  ['a resume', JSON.stringify({ type: 'resume', token: 'x', received: 0, cols: 80, rows: 24 })],
  ['an acknowledgement of what was never sent', '{"type":"ack","received":1000000}'],
  ['a negative one', '{"type":"ack","received":-1}'],
])('to a live terminal %s ends the session, and says why', async (_name, frame) => {
  const { terminal } = await terminalDoor();
  const { page } = await terminal();
  page.ws.send(frame);
  page.type('never taken');
  expect(await page.message('ended')).toMatchObject({ cause: 'protocol-error' });
  expect(await page.closed).toBe(1000);
});

test('a frame too large, or text that is no UTF-8, is the end of the socket', async () => {
  const { terminal } = await terminalDoor();
  const large = await terminal();
  large.page.ws.send(Buffer.alloc(MAX_FRAME + 1));
  expect(await large.page.closed).toBe(1009);
  const odd = await terminal();
  odd.page.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
  expect(await odd.page.closed).toBe(1007);
});

test('a hundred thousand single keys for a target that does not read fit beside each other', async () => {
  const { terminal } = await terminalDoor();
  const { page, target } = await terminal();
  target.slow = true;
  page.type('x');
  for (let n = 0; n < 100_000; n++) page.type('y');
  await page.settled();
  target.slow = false;
  target.sink.drain();
  await eventually('all of it', () => Buffer.concat(target.received).length === 100_001);
});

import { expect, test } from 'vitest';
import { type Arrival, Inbox } from '../../src/kernel/ssh2/inbox.ts';
import type { ReceiveWindow } from '../../src/kernel/ssh2/window.ts';

/** A window without bounds, which counts. */
function counting() {
  const counts = { received: 0, delivered: 0 };
  const window = {
    received: (bytes: number) => {
      counts.received += bytes;
      return true;
    },
    delivered: (bytes: number) => {
      counts.delivered += bytes;
    },
    pause() {},
    resume() {},
    close() {},
  } as unknown as ReceiveWindow;
  return { counts, window };
}

test('small pieces that wait become few, and nothing is lost, doubled or put out of order', () => {
  const { counts, window } = counting();
  const arrived: Arrival[] = [];
  const inbox = new Inbox(window, (arrival) => arrived.push(arrival));
  const sent = { data: '', stderr: '' };
  for (let n = 0; n < 100_000; n++) {
    const kind = n % 3 === 0 ? 'stderr' : 'data';
    const text = n % 1000 === 0 ? 'x'.repeat(5000) : String(n % 10);
    sent[kind] += text;
    inbox.bytes(kind, Buffer.from(text));
    inbox.bytes(kind, Buffer.alloc(0));
  }
  inbox.arrived({ kind: 'eof' });
  inbox.resume();
  const of = (kind: string) =>
    arrived.map((one) => (one.kind === kind && 'chunk' in one ? one.chunk.toString() : '')).join('');
  expect(of('data') === sent.data && of('stderr') === sent.stderr).toBe(true);
  expect(arrived.at(-1)).toEqual({ kind: 'eof' });
  expect(arrived.length).toBeLessThan(2500);
  expect(counts.delivered).toBe(counts.received);
});

test('few pieces of stdout and stderr keep their order', () => {
  const arrived: Arrival[] = [];
  const inbox = new Inbox(counting().window, (arrival) => arrived.push(arrival));
  for (const [kind, text] of [
    ['data', 'a'],
    ['data', 'b'],
    ['stderr', 'c'],
    ['data', 'd'],
  ] as const)
    inbox.bytes(kind, Buffer.from(text));
  inbox.resume();
  expect(arrived.map((one) => 'chunk' in one && `${one.kind} ${one.chunk}`)).toEqual(['data ab', 'stderr c', 'data d']);
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Relayed bytes after which their buffers are collected. */
const COLLECT_BYTES = 4 * 1024 * 1024;

type Collect = (
  options: { readonly type: 'minor' } | { readonly type: 'major'; readonly flavor: 'last-resort' },
) => void;

let collect: Collect | undefined;
let relaying = false;
let bytes = 0;
let scheduled = false;

function collector(): Collect {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}

function collectYoung(): void {
  scheduled = false;
  bytes = 0;
  // The few buffers that grow old all the same must not bring a marking of the whole heap for every 8 MB of them
  if (!relaying) setFlagsFromString('--heap-growing-percent=300');
  relaying = true;
  collector()({ type: 'minor' });
}

/**
 * Counts bytes that came off a socket. Every chunk is an ArrayBuffer of its own that dies within a few turns of the
 * event loop, but V8 sees only the tiny objects in front of them: it would let 64 MB pile up and then mark the whole
 * heap, about sixty times for each gigabyte, which costs as much processor time as relaying it. A minor collection
 * (a fraction of a millisecond) after some megabytes frees them while they are young.
 */
export function relayed(count: number): void {
  bytes += count;
  if (bytes < COLLECT_BYTES || scheduled) return;
  scheduled = true;
  setImmediate(collectYoung);
}

/**
 * Collects what can be, and gives the room back to the system, which V8 keeps otherwise: some 12 MB after a start.
 * Stops everything for about 80 ms, so only where nobody can notice.
 */
export function collectAll(): void {
  collector()({ type: 'major', flavor: 'last-resort' });
}

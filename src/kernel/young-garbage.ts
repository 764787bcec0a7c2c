import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Relayed bytes after which their buffers are collected. */
const COLLECT_BYTES = 4 * 1024 * 1024;

type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;
let bytes = 0;
let scheduled = false;

function run(): void {
  scheduled = false;
  bytes = 0;
  if (!collect) {
    setFlagsFromString('--expose-gc');
    // The few buffers that grow old all the same must not bring a marking of the whole heap for every 8 MB of them
    setFlagsFromString('--heap-growing-percent=300');
    collect = runInNewContext('gc') as Collect;
  }
  collect({ type: 'minor' });
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
  setImmediate(run);
}

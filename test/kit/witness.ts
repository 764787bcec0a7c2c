import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { House } from './house.ts';
import { finished, start } from './process.ts';

/** Between two lines; the daemon has other things to do as well. */
const PACE_MS = 5;
/** Not a measure of speed: who waits longer than this waits for something that hangs. */
const HANG_MS = 10_000;

/** A person who works on the daemon all the time, and notices. */
export interface Witness extends AsyncDisposable {
  /** Waits for some more lines, and fails when one came back wrong or the session ended. */
  undisturbed(): Promise<void>;
}

/** A session of the house's `web1` that sends lines and gets them back, one after the other, until it is disposed. */
export async function startWitness(house: House): Promise<Witness> {
  const child = start('ssh', [...house.bastion.sshArgs('alice@web1', house.key.file), 'cat']);
  const ended = finished(child);
  let lines = 0;
  let sentAt = Date.now();
  let problem: string | undefined;
  let line = '';
  let answer = '';
  let stopped = false;
  const send = () => {
    if (stopped) return;
    line = `${lines} ${randomBytes(30).toString('base64')}\n`;
    answer = '';
    sentAt = Date.now();
    child.stdin!.write(line);
  };
  child.stdout!.on('data', (chunk: Buffer) => {
    answer += chunk;
    if (!line.startsWith(answer)) problem = `sent ${JSON.stringify(line)}, got ${JSON.stringify(answer)}`;
    if (answer !== line) return;
    lines++;
    setTimeout(send, PACE_MS);
  });
  void ended.then(({ code, stderr }) => {
    if (!stopped) problem ??= `ended with ${code}: ${stderr}`;
  });
  send();
  const more = async () => {
    const until = lines + 10;
    while (lines < until && problem === undefined) {
      if (Date.now() - sentAt > HANG_MS) problem = `no answer since ${Date.now() - sentAt} ms`;
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  };
  await more();
  return {
    async undisturbed() {
      await more();
      expect(problem).toBeUndefined();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      child.stdin!.end();
      await ended;
    },
  };
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

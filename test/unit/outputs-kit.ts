import { newId, type SessionId } from '../../src/kernel/id.ts';
import { FRAME, type SpoolEnd } from '../../src/storage/frames.ts';
import { createLocalRecordings } from '../../src/storage/local.ts';
import type { SessionRow } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { sessionRow } from '../kit/rows.ts';

const END: SpoolEnd = {
  cause: 'target-closed',
  detail: null,
  exitCode: 0,
  exitSignal: null,
  bytesIn: 0,
  bytesOut: 0,
};

export interface Told {
  /** Milliseconds since the session began. */
  readonly ms: number;
  readonly text: string;
  readonly stderr?: boolean;
}

/** The row of a session that has ended, with a recording. */
export function endedSession(startedAt: number, over: Partial<SessionRow> = {}): SessionRow {
  return sessionRow({
    id: newId<SessionId>(startedAt),
    startedAt,
    endedAt: startedAt + 60_000,
    state: 'ended',
    endCause: 'target-closed',
    exitCode: 0,
    recording: 'ready',
    recordingBytes: 1,
    recordingSha256: 'a'.repeat(64),
    ...over,
  });
}

/** Records output with its times, through the real spool and renderer; returns the file. */
export async function record(data: string, row: SessionRow, told: readonly Told[], terminal = true): Promise<string> {
  const clock = new FakeClock();
  const recordings = createLocalRecordings({ data, reserve: 0, clock });
  await recordings.prepare();
  const header = {
    version: 1,
    id: row.id,
    startedAt: row.startedAt,
    size: terminal ? { cols: 80, rows: 24 } : null,
    term: terminal ? 'xterm' : null,
    user: row.userName,
    asset: row.assetName,
    account: row.account,
    command: row.command,
  } as const;
  const writer = await recordings.begin(header, { onError: () => {}, onDrain: () => {} });
  let now = 0;
  for (const { ms, text, stderr } of told) {
    clock.advance(ms - now);
    now = ms;
    writer.append(stderr ? FRAME.stderr : FRAME.output, Buffer.from(text));
  }
  await writer.finish(END);
  await recordings.store(row.id);
  await recordings.dropSpool(row.id);
  await recordings.close();
  return recordings.file(row.id);
}

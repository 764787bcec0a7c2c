import { type AppError, toAppError } from '../kernel/errors.ts';
import type { SessionId } from '../kernel/id.ts';
import type { SpoolHeader } from '../storage/frames.ts';
import type { Recorder } from './recorder.ts';
import type { SessionDeps } from './registry.ts';

/** Begins the recording of a session; gives the reason, logged, when it cannot begin. */
export async function beginRecording(
  { recordings, log }: Pick<SessionDeps, 'recordings' | 'log'>,
  recorder: Recorder,
  header: SpoolHeader,
): Promise<AppError | undefined> {
  try {
    await recorder.begin(recordings, header);
    return undefined;
  } catch (error) {
    const unrecorded = toAppError(error);
    log.error({ session: header.id, err: unrecorded.cause ?? unrecorded }, 'a recording cannot begin');
    return unrecorded;
  }
}

/** Removes the recording of a session that never began, also from its row where that has one. Whether the row has none now. */
export async function dropRecording(
  { recordings, store, log }: Pick<SessionDeps, 'recordings' | 'store' | 'log'>,
  recorder: Recorder,
  id: SessionId,
  isListed: boolean,
): Promise<boolean> {
  const { recording } = recorder;
  recorder.abandon();
  if (!recording) return false;
  let isGone = false;
  try {
    await recordings.dropSpool(id);
    isGone = isListed;
    if (isListed) await store.sessions.setRecording(id, { state: 'none', bytes: null, sha256: null }, []);
  } catch (err) {
    log.error({ session: id, err }, 'an empty recording cannot be removed');
  }
  return isGone;
}

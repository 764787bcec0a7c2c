import { parentPort } from 'node:worker_threads';
import {
  hashFile,
  inspectSpool,
  renderPlain,
  renderRecording,
  type SpoolFacts,
  type StoredRecording,
} from './render.ts';

/** What the main thread asks of the render thread. */
export type RenderJob =
  | { readonly kind: 'store'; readonly spool: string; readonly path: string }
  | { readonly kind: 'plain'; readonly spool: string; readonly path: string }
  | { readonly kind: 'inspect'; readonly spool: string }
  | { readonly kind: 'hash'; readonly path: string };

export interface RenderResults {
  readonly store: StoredRecording;
  readonly plain: undefined;
  readonly inspect: SpoolFacts;
  readonly hash: string;
}

export interface RenderRequest {
  readonly id: number;
  readonly job: RenderJob;
}

export type RenderReply =
  | { readonly id: number; readonly ok: true; readonly result: RenderResults[RenderJob['kind']] }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string | undefined };

/** Body of the render thread: one job after the other, in the order they came. */
export function run(_data: unknown): void {
  const port = parentPort;
  if (!port) throw new Error('the render worker runs in a thread of its own');
  port.on('message', ({ id, job }: RenderRequest) => {
    let reply: RenderReply;
    try {
      reply = { id, ok: true, result: perform(job) };
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      reply = { id, ok: false, message, code };
    }
    port.postMessage(reply);
  });
}

function perform(job: RenderJob): RenderResults[RenderJob['kind']] {
  switch (job.kind) {
    case 'store':
      return renderRecording(job.spool, job.path);
    case 'plain':
      renderPlain(job.spool, job.path);
      return undefined;
    case 'inspect':
      return inspectSpool(job.spool);
    case 'hash':
      return hashFile(job.path);
  }
}

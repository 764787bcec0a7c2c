import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, toAppError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { StoreThread } from '../thread.ts';
import type { OutputsRepository } from './outputs-model.ts';

const METHODS = ['index', 'remove', 'indexed', 'search'] as const satisfies readonly (keyof OutputsRepository)[];

export interface Outputs {
  readonly repository: OutputsRepository;
  /** Stops at once; a session that was being taken in is taken in another time. */
  close(): Promise<void>;
}

/** The main thread's side of the text index. Its thread is started by the first call; when it dies, by the next one. */
export function createOutputs(dataDir: string, clock: Clock, log: Log): Outputs {
  const file = join(dataDir, 'search.db');
  let current: { readonly thread: StoreThread; readonly opened: Promise<void> } | undefined;
  let closed = false;
  let calls = 0;

  const start = () => {
    const thread = new StoreThread(
      { file },
      {
        failed: (error) => {
          if (current?.thread === thread) current = undefined;
          log.warn(
            { err: error.cause },
            'the thread that searches recordings is gone; the next search starts it again',
          );
        },
      },
      'texts',
    );
    const opened = thread.opened().catch((error: unknown) => {
      if (current?.thread === thread) current = undefined;
      throw toAppError(error);
    });
    current = { thread, opened };
    return current;
  };

  const call = async (method: string, args: readonly unknown[]): Promise<unknown> => {
    if (closed) throw new AppError('shutting_down', 'The bastion is stopping.');
    const { thread, opened } = current ?? start();
    await opened;
    try {
      return await thread.call({ id: ++calls, repository: 'outputs', method, args, now: clock.now() });
    } catch (error) {
      if (current?.thread === thread || closed) throw error;
      const text = 'The index of what recordings show had to be opened anew; try again in a while.';
      throw new AppError('internal', text, { cause: toAppError(error).cause });
    }
  };

  return {
    repository: Object.fromEntries(
      METHODS.map((method) => [method, (...args: readonly unknown[]) => call(method, args)]),
    ) as unknown as OutputsRepository,
    async close() {
      closed = true;
      await current?.thread.close();
    },
  };
}

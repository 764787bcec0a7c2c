import { setTimeout } from 'node:timers/promises';
import { AppError } from '../kernel/errors.ts';

/** Who holds the lock while a command works on the data itself. */
export const COMMAND_PURPOSE = 'another bastion command';
/** How long a command, or the start of the daemon, waits for a command on a stopped daemon's data. */
const TURN_MS = 10_000;

/**
 * Opens, and waits while a command holds the data, or somebody who has not said yet who it is. A daemon that holds it
 * is told at once: it will not let go.
 */
export async function inTurn<T>(open: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + TURN_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const holder = error instanceof AppError && error.code === 'busy' ? error.details?.holder : undefined;
      const waits = holder === null || holder === COMMAND_PURPOSE;
      if (!waits || Date.now() > deadline) throw error;
      await setTimeout(50);
    }
  }
}

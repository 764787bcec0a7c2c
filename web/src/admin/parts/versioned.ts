import { useState } from 'react';
import { ApiError, queries } from '../../kit/api.ts';

interface Versioned {
  readonly version: number;
}

export type Collision<T> = { readonly theirs: T | null; readonly changed: readonly (keyof T)[] };

/**
 * Saves an edit on condition that nobody else was faster. When somebody was, nothing is lost: `collision` says what they
 * changed (or that they removed it: `theirs` is null), and the next save goes over it.
 */
export function useVersionedSave<T extends Versioned>(options: {
  readonly resource: string;
  readonly load: () => Promise<T>;
  readonly save: (version: number) => Promise<T>;
}) {
  const [collision, setCollision] = useState<Collision<T>>();
  return {
    collision,
    forget: () => setCollision(undefined),
    /** `opened` is what the edit was made from. Gives what is stored now, or undefined after a collision. */
    async save(opened: T): Promise<T | undefined> {
      const base = collision?.theirs ?? opened;
      try {
        const saved = await options.save(base.version);
        setCollision(undefined);
        void queries.invalidateQueries({ queryKey: [options.resource] });
        return saved;
      } catch (error) {
        if (!(error instanceof ApiError) || (error.code !== 'conflict' && error.code !== 'not_found')) throw error;
        const theirs = await options.load().catch((failure: unknown) => {
          if (failure instanceof ApiError && failure.code === 'not_found') return null;
          throw failure;
        });
        // a conflict of another kind, such as a name that is taken
        if (theirs !== null && theirs.version === base.version) throw error;
        setCollision({ theirs, changed: theirs === null ? [] : changedFields(base, theirs) });
        return undefined;
      }
    },
  };
}

function changedFields<T extends Versioned>(before: T, after: T): (keyof T)[] {
  const keys = Object.keys(after) as (keyof T)[];
  return keys.filter((key) => key !== 'version' && JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

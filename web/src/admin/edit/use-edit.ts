import { useEffect, useState } from 'react';
import { ApiError } from '../../kit/api.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Somebody else was faster: `stale` until their changes are loaded, then which fields those were. */
export type Clash =
  | { readonly kind: 'stale' }
  | { readonly kind: 'merged'; readonly theirs: string[]; readonly both: string[] };

export interface Edit<F extends Fields> {
  /** As they are shown: what is stored, with what was typed over it. */
  readonly fields: F;
  readonly set: (patch: Partial<F>) => void;
  /** Only what differs from what is stored. */
  readonly changes: Partial<F>;
  readonly changed: boolean;
  readonly saving: boolean;
  readonly error: unknown;
  readonly clash: Clash | undefined;
  readonly save: () => Promise<boolean>;
  readonly discard: () => void;
  readonly reload: () => Promise<void>;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Edits something that others may edit at the same time. Only changed fields are sent, with the version they were made
 * from; when somebody else was faster, what was typed stays and is laid over what they made.
 */
export function useEdit<T extends { readonly version: number }, F extends Fields>(options: {
  readonly thing: T;
  readonly fieldsOf: (thing: T) => F;
  readonly load: () => Promise<T>;
  readonly save: (changes: Partial<F>, version: number) => Promise<T>;
}): Edit<F> {
  const { thing, fieldsOf } = options;
  const [base, setBase] = useState(thing);
  const [typed, setTyped] = useState<Partial<F>>({});
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const [clash, setClash] = useState<Clash>();
  const stored = fieldsOf(base);
  const changes = Object.fromEntries(
    Object.entries(typed).filter(([name, value]) => !same(value, stored[name])),
  ) as Partial<F>;
  const changed = Object.keys(changes).length > 0;

  useEffect(() => {
    // nothing typed: what is shown may follow what is stored
    if (!changed && thing.version > base.version) setBase(thing);
  }, [thing, base, changed]);
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [changed]);

  return {
    fields: { ...stored, ...typed },
    set: (patch) => setTyped((old) => ({ ...old, ...patch })),
    changes,
    changed,
    saving,
    error,
    clash,
    async save() {
      setSaving(true);
      setError(undefined);
      try {
        setBase(await options.save(changes, base.version));
        setTyped({});
        setClash(undefined);
        return true;
      } catch (thrown) {
        if (isStale(thrown)) setClash({ kind: 'stale' });
        else setError(thrown);
        return false;
      } finally {
        setSaving(false);
      }
    },
    discard() {
      setTyped({});
      setError(undefined);
      setClash(undefined);
      if (thing.version > base.version) setBase(thing);
    },
    async reload() {
      try {
        const latest = await options.load();
        const now = fieldsOf(latest);
        const theirs = Object.keys(now).filter((name) => !same(now[name], stored[name]));
        setBase(latest);
        setClash({ kind: 'merged', theirs, both: theirs.filter((name) => name in changes) });
      } catch (thrown) {
        setError(thrown);
      }
    },
  };
}

/** A name that is taken is a `conflict` too; only this one tells the version there is now. */
function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'conflict' && error.details?.version !== undefined;
}

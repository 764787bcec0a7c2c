import { queries } from '../../kit/api.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { partWords } from './part-words.ts';

/** Does something and says so; lists of these resources are asked for again, whatever came of it. */
export function useRun(...resources: readonly string[]) {
  const tell = useTell();
  const errorText = useErrorText();
  const t = useWords(partWords);
  const refresh = () => Promise.all(resources.map((resource) => queries.invalidateQueries({ queryKey: [resource] })));
  return {
    refresh,
    failed: tell.failed,
    /** One thing. Whether it worked. */
    async one(work: () => Promise<unknown>, text: string, undo?: () => Promise<unknown>): Promise<boolean> {
      try {
        await work();
        tell.done(text, undo && (() => void undo().then(refresh, tell.failed)));
        return true;
      } catch (error) {
        tell.failed(error);
        return false;
      } finally {
        void refresh();
      }
    },
    /** The same with each of many; what fails does not keep the others from being done. */
    async each<T>(
      items: readonly T[],
      work: (item: T) => Promise<unknown>,
      text: (n: number) => string,
    ): Promise<void> {
      const errors: unknown[] = [];
      for (const item of items) await work(item).catch((error: unknown) => errors.push(error));
      void refresh();
      if (errors.length === 0) tell.done(text(items.length));
      else throw new Error(t.someFailed(items.length - errors.length, errors.length, errorText(errors[0])));
    },
  };
}

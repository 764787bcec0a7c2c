import { notifications } from '@mantine/notifications';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { editWords } from '../edit/edit-words.ts';

/**
 * Does the same to many, one after the other, and tells how it went: `said` of how many worked, and the first reason of
 * those that did not. Gives the names that worked. `undo` gets them too.
 */
export function useBulk() {
  const t = useWords(editWords);
  const tell = useTell();
  const errorText = useErrorText();
  return async (
    names: Iterable<string>,
    run: (name: string) => Promise<unknown>,
    said: (n: number) => string,
    undo?: (names: readonly string[]) => void,
  ): Promise<readonly string[]> => {
    const worked: string[] = [];
    const failures: unknown[] = [];
    for (const name of names) {
      try {
        await run(name);
        worked.push(name);
      } catch (error) {
        failures.push(error);
      }
    }
    if (worked.length > 0) tell.done(said(worked.length), undo && (() => undo(worked)));
    if (failures.length > 0) {
      notifications.show({
        color: 'red',
        autoClose: 12_000,
        title: t.bulkTitle,
        message: t.bulkFailed(failures.length, failures.length + worked.length, errorText(failures[0])),
      });
    }
    return worked;
  };
}

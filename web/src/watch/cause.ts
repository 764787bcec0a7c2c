import { useWords } from '../kit/words.ts';
import { causeWords } from './watch-words.ts';

/** Why a session ended, as a sentence. */
export function useCauseText(): (cause: string, detail: string | null) => string {
  const t = useWords(causeWords);
  return (cause, detail) => {
    if (cause === 'terminated') return t.terminated(detail ?? '');
    const text = (t as Readonly<Record<string, unknown>>)[cause];
    return typeof text === 'string' ? text : cause;
  };
}

import { useCauseText } from '../../kit/end-cause.ts';
import { useSaid } from '../../kit/said/said.ts';
import { useWords } from '../../kit/words.ts';
import { actionWords } from './action-words.ts';

/** An action in words: `permission.update` is "Permission changed". What has no words stands as it is. */
export function useActionText(): (action: string) => string {
  const t = useWords(actionWords);
  const words = t as Readonly<Record<string, unknown>>;
  return (action) => {
    if (action === 'login') return t.login;
    const [thing, deed] = action.split('.');
    const [noun, verb] = [words[`n_${thing}`], words[`v_${deed}`]];
    return typeof noun === 'string' && typeof verb === 'string' ? t.sentence(noun, verb) : action;
  };
}

export function useThingText(): (thing: string) => string {
  const t = useWords(actionWords);
  const words = t as Readonly<Record<string, unknown>>;
  return (thing) => {
    if (thing === 'login') return t.login;
    const noun = words[`n_${thing}`];
    return typeof noun === 'string' ? noun : thing;
  };
}

/** Why something came out as it did: one word of a session's end becomes its sentence, all else is what the daemon says. */
export function useReasonText(): (row: { readonly action: string; readonly reason: string | null }) => string | null {
  const causeText = useCauseText();
  const said = useSaid();
  return ({ action, reason }) => {
    if (reason === null) return null;
    const text = action === 'session.end' ? causeText(reason, null) : reason;
    return text === reason ? said(reason) : text;
  };
}

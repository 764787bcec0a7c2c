import { ApiError } from '../kit/api.ts';
import { useErrorText } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { credentialWords } from './words.ts';

/** What a person reads when a password, a key or a code was not taken, in their language where the reason is known. */
export function useFaultText(minLength: number): (error: unknown) => string {
  const t = useWords(credentialWords);
  const errorText = useErrorText();
  const passwords: Readonly<Record<string, string>> = {
    short: t.faultShort(minLength),
    long: t.faultLong,
    repeats: t.faultRepeats,
    common: t.faultCommon,
    name: t.faultName,
    wrong: t.faultWrong,
  };
  return (error) => {
    if (!(error instanceof ApiError)) return errorText(error);
    if (error.code === 'rate_limited') return t.tooMany;
    return passwords[String(error.details?.password)] ?? errorText(error);
  };
}

import { IconCompassOff } from '@tabler/icons-react';
import { kitWords } from './kit-words.ts';
import { Empty } from './states.tsx';
import { useWords } from './words.ts';

export function NoSession() {
  const t = useWords(kitWords);
  return <Empty icon={IconCompassOff} title={t.noSessionTitle} text={t.noSessionText} />;
}

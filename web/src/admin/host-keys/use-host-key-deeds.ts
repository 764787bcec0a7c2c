import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { hostKeyWords } from './words.ts';

async function changed() {
  await queries.invalidateQueries({ queryKey: ['host-keys'] });
  void queries.invalidateQueries({ queryKey: ['health'] });
}

/** Accepting and forgetting the host keys of an asset, each after a question. */
export function useHostKeyDeeds() {
  const t = useWords(hostKeyWords);
  const confirm = useConfirm();
  const tell = useTell();
  return {
    accept: (asset: string) =>
      confirm({
        title: t.acceptTitle(asset),
        text: t.acceptText,
        action: t.accept,
        run: async () => {
          await api.hostKeys.accept({ asset });
          await changed();
          tell.done(t.accepted(asset));
        },
      }),
    forget: (asset: string) =>
      confirm({
        title: t.forgetTitle(asset),
        text: t.forgetText,
        action: t.forget,
        run: async () => {
          await api.hostKeys.forget({ asset });
          await changed();
          tell.done(t.forgotten(asset));
        },
      }),
  };
}

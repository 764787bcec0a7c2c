import { useEffect, useRef } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { useConnect } from './connecting.tsx';
import { useAssets } from './sidebar.tsx';
import { words } from './words.ts';

/** `/luna?asset=web1&account=root&protocol=ssh` opens that, once; the address is then the plain one again. */
export function useDeepLink(): void {
  const t = useWords(words);
  const tell = useTell();
  const connect = useConnect();
  const [params] = useSearchParams();
  const [, navigate] = useLocation();
  const { data: assets } = useAssets();
  const wanted = params.get('asset');
  const taken = useRef<string>(undefined);
  const address = params.toString();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new address, or the list it waits for, opens anything
  useEffect(() => {
    if (!wanted || !assets || taken.current === address) return;
    taken.current = address;
    navigate('/luna', { replace: true });
    const asset =
      assets.find((one) => [one.name, one.id].includes(wanted)) ?? assets.find((one) => one.address === wanted);
    const account = params.get('account') ?? undefined;
    const protocol = params.get('protocol') ?? undefined;
    if (asset) connect(asset, { account, protocol });
    else tell.failed(new Error(t.notReachable(wanted)));
  }, [address, assets]);
  useEffect(() => {
    if (address === '') taken.current = undefined;
  }, [address]);
}

import { IconBrandWindows, IconDatabase, IconDeviceDesktop, IconRouter, IconServer2 } from '@tabler/icons-react';
import type { ReachableView } from '../../../src/api/contract/me.ts';

const BY_KIND = { host: IconServer2, device: IconRouter, database: IconDatabase, desktop: IconDeviceDesktop } as const;

export function AssetIcon({ asset, size = 16 }: { readonly asset: ReachableView; readonly size?: number }) {
  const Glyph = asset.platform === 'windows' ? IconBrandWindows : BY_KIND[asset.kind];
  return <Glyph size={size} stroke={1.6} style={{ flexShrink: 0 }} aria-hidden="true" />;
}

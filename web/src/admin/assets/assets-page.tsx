import { useLocation } from 'wouter';
import { thingName } from '../thing-path.ts';
import { AssetPage } from './asset-page.tsx';
import { AssetsBrowser } from './assets-browser.tsx';

export default function AssetsPage() {
  useLocation();
  const name = thingName();
  return name === undefined ? <AssetsBrowser /> : <AssetPage key={name} name={name} />;
}

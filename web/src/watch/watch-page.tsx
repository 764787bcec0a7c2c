import { useParams } from 'wouter';
import WatchView from './watch-view.tsx';

/** `/watch/ID` */
export default function WatchPage() {
  const { id = '' } = useParams();
  return <WatchView id={id} />;
}

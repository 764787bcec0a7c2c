import { useLocation } from 'wouter';
import { thingName } from '../thing-path.ts';
import { GroupPage } from './group-page.tsx';
import { GroupsList } from './groups-list.tsx';

export default function GroupsPage() {
  useLocation();
  const name = thingName();
  return name === undefined ? <GroupsList /> : <GroupPage key={name} name={name} />;
}

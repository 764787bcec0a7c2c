import { useLocation } from 'wouter';
import { thingName } from '../thing-path.ts';
import { UserPage } from './user-page.tsx';
import { UsersList } from './users-list.tsx';

export default function UsersPage() {
  useLocation();
  const name = thingName();
  return name === undefined ? <UsersList /> : <UserPage key={name} name={name} />;
}

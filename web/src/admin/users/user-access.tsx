import { Stack } from '@mantine/core';
import { PermissionsOf } from '../reach/permissions-of.tsx';
import { ReachList } from '../reach/reach-list.tsx';

export function UserAccess({ name }: { readonly name: string }) {
  return (
    <Stack gap="xl">
      <PermissionsOf user={name} />
      <ReachList user={name} />
    </Stack>
  );
}

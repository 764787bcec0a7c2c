import { Box } from '@mantine/core';
import type { ReactNode } from 'react';

/** In a cell: takes the width that the column has, and asks for none, so that long texts are cut and never widen the table. */
export function Stretch({ children }: { readonly children: ReactNode }) {
  return (
    <Box w={0} miw="max(100%, 150px)">
      {children}
    </Box>
  );
}

import { Box } from '@mantine/core';
import type { ReactNode } from 'react';

/**
 * In a cell: takes the width that the column has, and asks for no more than `min` pixels, so that long texts are cut and
 * never widen the table.
 */
export function Stretch({ min = 150, children }: { readonly min?: number; readonly children: ReactNode }) {
  return (
    <Box w={0} miw={`max(100%, ${min}px)`}>
      {children}
    </Box>
  );
}

import { Box, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './facts.module.css';

/** What is known of something: `Fact` by `Fact`. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return (
    <Box component="dl" className={classes.facts}>
      {children}
    </Box>
  );
}

/** Nothing is shown where there is nothing to tell: null, undefined, false. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  if (children === undefined || children === null || children === false) return null;
  return (
    <>
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Box component="dd" fz="sm" m={0} miw={0} style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </>
  );
}

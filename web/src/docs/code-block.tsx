import { Box, Code } from '@mantine/core';
import { CopyIcon } from '../kit/copyable.tsx';

/** Code as it is, with a button that copies it. */
export function CodeBlock({ text }: { readonly text: string }) {
  return (
    <Box pos="relative">
      <Code
        block
        className="mono"
        bg="light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-6))"
        style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', paddingRight: 40 }}
      >
        {text}
      </Code>
      <Box pos="absolute" top={6} right={6}>
        <CopyIcon value={text} />
      </Box>
    </Box>
  );
}

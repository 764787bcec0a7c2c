import { Group, Text } from '@mantine/core';

const CASTLE = 'M5 4h5v4h3V4h6v4h3V4h5v9l-2 2v9l2 4H5l2-4v-9l-2-2z';

/** What stands in `index.html` until the pages run, and goes on standing until there is something to show. */
export function Boot() {
  return (
    <div className="boot">
      <svg width="48" height="48" viewBox="0 0 32 32" aria-hidden="true">
        <path d={CASTLE} />
      </svg>
    </div>
  );
}

/** Sign and name of the product. */
export function Brand({ size = 24, name = true }: { readonly size?: number; readonly name?: boolean }) {
  return (
    <Group gap={8} wrap="nowrap">
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
        <path d={CASTLE} fill="var(--mantine-primary-color-filled)" />
        <path
          d="M12 18.5l3 2.5-3 2.5M17 24h4"
          fill="none"
          stroke="#fff"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      {name && (
        <Text fw={700} size="lg" style={{ letterSpacing: '-0.02em' }}>
          Bastion
        </Text>
      )}
    </Group>
  );
}

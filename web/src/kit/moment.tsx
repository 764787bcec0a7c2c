import { Text, Tooltip } from '@mantine/core';
import { useFormat } from './format.ts';

/** A time as distance from now; pointing at it tells it exactly. */
export function Ago({ at, size = 'sm' }: { readonly at: string | null; readonly size?: string }) {
  const { ago, moment } = useFormat();
  const text = (
    <Text span size={size} c={at === null ? 'dimmed' : undefined} style={{ whiteSpace: 'nowrap' }}>
      {ago(at)}
    </Text>
  );
  return at === null ? text : <Tooltip label={moment(at)}>{text}</Tooltip>;
}

/** A time for a column, without its seconds; pointing at it tells it exactly. */
export function Moment({ at }: { readonly at: string }) {
  const { short, moment } = useFormat();
  return (
    <Tooltip label={moment(at)}>
      <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
        {short(at)}
      </Text>
    </Tooltip>
  );
}

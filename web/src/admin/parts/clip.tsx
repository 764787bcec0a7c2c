import { Text, type TextProps, Tooltip } from '@mantine/core';

/** A text on one line, cut where there is no room; pointing at it shows all of it. */
export function Clip({
  text,
  mono = false,
  max = 280,
  ...rest
}: TextProps & { readonly text: string; readonly mono?: boolean; readonly max?: number | string }) {
  return (
    <Tooltip label={text} multiline maw={560} disabled={text.length < 16} style={{ overflowWrap: 'anywhere' }}>
      <Text size="sm" truncate maw={max} className={mono ? 'mono' : undefined} {...rest}>
        {text}
      </Text>
    </Tooltip>
  );
}

/** Names in a row: as many as there is room for, all of them when pointed at. */
export function Names({ names, max = 240 }: { readonly names: readonly string[]; readonly max?: number | string }) {
  if (names.length === 0)
    return (
      <Text size="sm" c="dimmed">
        –
      </Text>
    );
  return <Clip text={names.join(', ')} max={max} />;
}

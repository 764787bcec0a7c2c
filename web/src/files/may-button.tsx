import { ActionIcon, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Icon } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { filesWords } from './words.ts';

/** A button for what needs actions of the permission; without one it says which is missing. */
export function MayButton(props: {
  readonly icon: Icon;
  readonly label: string;
  readonly missing?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly onClick?: (() => void) | undefined;
  readonly children?: ReactNode;
}) {
  const { icon: Glyph, label, missing, disabled, onClick } = props;
  const t = useWords(filesWords);
  const off = disabled === true || missing !== undefined;
  return (
    <Tooltip label={missing === undefined ? label : `${label}: ${t.missing(missing)}`} multiline maw={280}>
      {/* stays reachable, so that it can say why it does nothing */}
      <ActionIcon
        aria-label={label}
        aria-disabled={off}
        data-disabled={off || undefined}
        onClick={off ? undefined : onClick}
      >
        <Glyph size={17} />
      </ActionIcon>
    </Tooltip>
  );
}

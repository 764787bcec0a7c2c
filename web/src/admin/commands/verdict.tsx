import { Badge, Text, Tooltip } from '@mantine/core';
import type { CommandView } from '../../../../src/api/contract/commands.ts';
import { useWords } from '../../kit/words.ts';
import { commandWords } from './words.ts';

export const VERDICTS = ['pass', 'warn', 'deny', 'approved', 'refused', 'cancelled'] as const;
const COLORS = {
  pass: 'gray',
  warn: 'orange',
  deny: 'red',
  approved: 'teal',
  refused: 'red',
  cancelled: 'gray',
} as const;

/** What the filters said about a command; `quiet` says nothing where they said nothing. */
export function Verdict({ command, quiet = false }: { readonly command: CommandView; readonly quiet?: boolean }) {
  const t = useWords(commandWords);
  const { verdict, filter, reviewer } = command;
  if (verdict === 'pass' && filter === null) {
    return quiet ? null : (
      <Text size="sm" c="dimmed">
        {t.pass}
      </Text>
    );
  }
  const why = [filter !== null && t.by(filter), reviewer !== null && t.reviewedBy(reviewer)].filter(Boolean).join(', ');
  return (
    <Tooltip label={why} disabled={why === ''}>
      <Badge miw="max-content" color={COLORS[verdict]}>
        {t[verdict]}
      </Badge>
    </Tooltip>
  );
}

import { Alert, Badge, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconHandStop, IconHourglass, IconInfoCircle, IconX } from '@tabler/icons-react';
import type { FilterVerdict } from '../../../../src/api/contract/filters.ts';
import { useSaid } from '../../kit/said/said.ts';
import { useWords } from '../../kit/words.ts';
import { ACTION_COLORS } from './draft.ts';
import classes from './verdict-view.module.css';
import { filterWords } from './words.ts';

const ICONS = { deny: IconX, review: IconHourglass, warn: IconHandStop, allow: IconCheck } as const;

/** What the daemon calls a filter that is tried before it is saved. */
const UNSAVED = 'this filter';

/** What would become of a line, which command of it was decisive, and what else was found in it. */
export function VerdictView({ verdict }: { readonly verdict: FilterVerdict }) {
  const t = useWords(filterWords);
  const said = useSaid();
  const { action, filter, command, commands, reviewers, unread, continues } = verdict;
  const Glyph = ICONS[action];
  const titles = { deny: t.isDenied, review: t.needsApproval, warn: t.runsWarned, allow: t.runs };
  return (
    <Stack gap="sm" aria-live="polite">
      <Alert color={filter === null ? 'gray' : ACTION_COLORS[action]} icon={<Glyph size={18} />} title={titles[action]}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {filter === null ? t.runsUnminded : t.because(filter === UNSAVED ? said(filter) : filter, command)}
        </Text>
        {action === 'review' && (
          <Text size="sm" mt={4}>
            {t.askWho(reviewers.length === 0 ? t.anAdmin : reviewers.join(', '))}
          </Text>
        )}
      </Alert>
      {unread !== null && <Note text={t.unread(said(unread))} />}
      {continues && <Note text={t.continues} />}
      {commands.length > 0 && (
        <div>
          <Text size="xs" c="dimmed" fw={500} mb={6}>
            {t.foundIn}
          </Text>
          <ol className={classes.found}>
            {commands.map((part, i) => (
              // the same command may stand in a line twice, and nothing moves
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: see above
                key={i}
                className={classes.part}
                data-decisive={(filter !== null && part.filter !== null && part.text === command) || undefined}
              >
                <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
                  <Text className="mono" size="sm" style={{ overflowWrap: 'anywhere' }}>
                    {part.text}
                  </Text>
                  {part.filter !== null && (
                    <Badge miw="max-content" color={ACTION_COLORS[part.action]}>
                      {t[part.action]}
                    </Badge>
                  )}
                </Group>
                {part.via.length > 0 && (
                  <Text size="xs" c="dimmed">
                    {t.inside(part.via.map(said).join(' › '))}
                  </Text>
                )}
                {part.undecided.length > 0 && (
                  <Text size="xs" c="orange" style={{ overflowWrap: 'anywhere' }}>
                    {t.cannotTell(part.undecided.map(said).join(', '))}
                  </Text>
                )}
              </li>
            ))}
          </ol>
        </div>
      )}
    </Stack>
  );
}

function Note({ text }: { readonly text: string }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <IconInfoCircle size={16} style={{ flexShrink: 0, marginTop: 2 }} />
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}

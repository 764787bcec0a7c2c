import { Alert, Button, Group, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { kitWords } from '../../kit/kit-words.ts';
import { useWords } from '../../kit/words.ts';
import { partWords } from './part-words.ts';

/** Two people edited the same thing: says what the other one changed, and offers the two ways on. */
export function CollisionNote(props: {
  /** The names of the fields; null when it was removed. */
  readonly changed: readonly string[] | null;
  readonly saving: boolean;
  readonly onSaveMine: () => void;
  readonly onLoadTheirs: () => void;
}) {
  const t = useWords(partWords);
  const kit = useWords(kitWords);
  const { changed, saving, onSaveMine, onLoadTheirs } = props;
  return (
    <Alert color="orange" icon={<IconUsers size={18} />} title={kit.staleTitle} role="alert">
      <Text size="sm">{changed === null ? t.fasterGone : t.fasterText}</Text>
      {changed !== null && (
        <>
          <Text size="sm" fw={500} mt="xs">
            {t.fasterChanged(changed.join(', '))}
          </Text>
          <Group gap="xs" mt="sm">
            <Button size="xs" variant="default" onClick={onLoadTheirs}>
              {t.loadTheirs}
            </Button>
            <Button size="xs" color="orange" loading={saving} onClick={onSaveMine}>
              {t.saveMine}
            </Button>
          </Group>
        </>
      )}
    </Alert>
  );
}

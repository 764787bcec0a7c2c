import { Alert, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import classes from './edit-bar.module.css';
import { editWords } from './edit-words.ts';
import type { Edit } from './use-edit.ts';

/**
 * Below a form: saves or discards what was changed, and says when somebody else was faster. `names` are the fields as
 * the form calls them. `before` may ask first, and saves by calling what it is given.
 */
export function EditBar<F extends Readonly<Record<string, unknown>>>(props: {
  readonly edit: Edit<F>;
  readonly names: Readonly<Record<keyof F & string, string>>;
  readonly before?: ((save: () => Promise<void>) => void) | undefined;
  readonly invalid?: boolean;
}) {
  const { edit, names, before, invalid = false } = props;
  const t = useWords(editWords);
  const tell = useTell();
  const errorText = useErrorText();
  const list = (keys: readonly string[]) => keys.map((key) => names[key as keyof F & string]).join(', ');
  if (!edit.changed && !edit.clash) return null;
  const save = async () => {
    if (await edit.save()) tell.done(t.saved);
  };
  return (
    <Paper withBorder shadow="sm" p="sm" className={classes.bar} role="region" aria-label={t.unsaved}>
      <Stack gap="sm">
        {edit.clash && (
          <Alert color="orange" variant="light" icon={<IconUsers size={18} />} title={t.staleTitle} role="alert">
            {edit.clash.kind === 'stale' ? (
              <Group justify="space-between" align="flex-end">
                <Text size="sm" flex="1 1 280px">
                  {t.staleText}
                </Text>
                <Button size="xs" variant="default" onClick={() => void edit.reload()}>
                  {t.reload}
                </Button>
              </Group>
            ) : (
              <Text size="sm">
                {edit.clash.theirs.length > 0 ? t.merged(list(edit.clash.theirs)) : t.mergedNone}
                {edit.clash.both.length > 0 && ` ${t.both(list(edit.clash.both))}`}
              </Text>
            )}
          </Alert>
        )}
        <Group justify="space-between" gap="sm">
          <Text size="sm" c={edit.error ? 'red' : 'dimmed'} flex="1 1 240px" role={edit.error ? 'alert' : undefined}>
            {edit.error ? errorText(edit.error) : t.unsaved}
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={edit.discard}>
              {t.discard}
            </Button>
            <Button
              loading={edit.saving}
              disabled={invalid || !edit.changed || edit.clash?.kind === 'stale'}
              onClick={() => (before ? before(save) : void save())}
            >
              {t.save}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Paper>
  );
}

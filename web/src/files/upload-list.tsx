import { ActionIcon, Button, Checkbox, Group, Modal, Progress, Stack, Text, Tooltip } from '@mantine/core';
import { IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState, useSyncExternalStore } from 'react';
import { bytesText, clockText } from '../kit/format.ts';
import { useErrorText } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import classes from './files.module.css';
import { shownName } from './names.ts';
import type { Choice, Upload, Uploads } from './uploads.ts';
import { filesWords } from './words.ts';

/** So many are shown; what runs or failed comes first. */
const SHOWN = 100;

/** What is being sent, what was, and the question about what is there already. */
export function UploadList({ uploads }: { readonly uploads: Uploads }) {
  const t = useWords(filesWords);
  const { items, asking } = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  if (items.length === 0) return null;
  const order = (item: Upload) =>
    ['asking', 'running', 'failed', 'waiting'].indexOf(item.state) + 5 * Number(item.over && item.state !== 'failed');
  const shown = [...items].sort((a, b) => order(a) - order(b)).slice(0, SHOWN);
  const over = items.filter((item) => item.over).length;
  return (
    <section className={classes.uploads} aria-label={t.transfers}>
      <Group className={classes.upload} justify="space-between">
        <Text size="xs" fw={600}>
          {t.transfers} · {t.summary(items.filter(({ state }) => state === 'done').length, items.length)}
        </Text>
        <Group gap={4}>
          {over < items.length && (
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => uploads.cancelAll()}>
              {t.cancel}
            </Button>
          )}
          {over > 0 && (
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => uploads.clear()}>
              {t.clearDone}
            </Button>
          )}
        </Group>
      </Group>
      {shown.map((item) => (
        <Line key={item.key} item={item} uploads={uploads} />
      ))}
      {items.length > SHOWN && (
        <Text className={classes.upload} size="xs" c="dimmed">
          {t.more(items.length - SHOWN)}
        </Text>
      )}
      {asking && <Conflict key={asking.path} item={asking} uploads={uploads} />}
    </section>
  );
}

function Line({ item, uploads }: { readonly item: Upload; readonly uploads: Uploads }) {
  const t = useWords(filesWords);
  const errorText = useErrorText();
  const { state, sent, speed, file, trouble } = item;
  const part = state === 'done' ? 100 : file.size === 0 ? 0 : (100 * sent) / file.size;
  const rest = speed > 0 ? t.left(clockText((file.size - sent) / speed)) : '';
  const facts =
    state === 'running'
      ? [t.progress(bytesText(sent), bytesText(file.size)), speed > 0 ? t.speed(bytesText(speed)) : '', rest]
      : [t[state], state === 'cancelled' && item.begun ? t.progress(bytesText(sent), bytesText(file.size)) : ''];
  const why = trouble === undefined ? '' : typeof trouble === 'string' ? t[trouble] : errorText(trouble);
  const again = state === 'failed' || state === 'cancelled' || state === 'skipped';
  const againLabel = item.begun ? t.resume : t.retry;
  return (
    <div className={classes.upload} data-testid="upload" data-state={state}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="xs" truncate flex={1} title={shownName(item.path)}>
          {shownName(item.name)}
        </Text>
        <Text size="xs" c={state === 'failed' ? 'red' : 'dimmed'} style={{ whiteSpace: 'nowrap' }}>
          {facts.filter((fact) => fact !== '').join(' · ')}
        </Text>
        {again && (
          <Tooltip label={againLabel}>
            <ActionIcon size="xs" aria-label={againLabel} onClick={() => uploads.resume(item)}>
              <IconPlayerPlay size={13} />
            </ActionIcon>
          </Tooltip>
        )}
        {!item.over && (
          <Tooltip label={t.cancelUpload}>
            <ActionIcon size="xs" aria-label={t.cancelUpload} onClick={() => uploads.cancel(item)}>
              <IconX size={13} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {!item.over && <Progress size={3} mt={3} value={part} />}
      {why !== '' && state === 'failed' && (
        <Text size="xs" c="red" role="alert">
          {why}
        </Text>
      )}
    </div>
  );
}

function Conflict({ item, uploads }: { readonly item: Upload; readonly uploads: Uploads }) {
  const t = useWords(filesWords);
  const [forAll, setForAll] = useState(false);
  const choose = (choice: Choice) => uploads.choose(choice, forAll);
  return (
    <Modal opened onClose={() => choose('skip')} title={<Text fw={600}>{t.conflictTitle}</Text>}>
      <Stack>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t.conflictText(shownName(item.name))}
        </Text>
        <Checkbox label={t.forAll} checked={forAll} onChange={(event) => setForAll(event.currentTarget.checked)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => choose('skip')}>
            {t.skip}
          </Button>
          <Button variant="default" onClick={() => choose('keep')} data-autofocus>
            {t.keepBoth}
          </Button>
          <Button color="red" onClick={() => choose('overwrite')}>
            {t.overwrite}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

import { ActionIcon, Button, Group, Modal, ScrollArea, Stack, Text, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconBolt, IconEdit, IconPlayerPlay, IconPlus, IconSearch, IconTextPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { kitWords } from '../kit/kit-words.ts';
import { useMe } from '../kit/me.ts';
import { Empty } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { type QuickCommand, useQuickCommands } from './preferences.ts';
import { asTyped, fillIn, variablesOf } from './quick-text.ts';
import type { Shell } from './shell.ts';
import { useStore } from './store.ts';
import { nameOf, TargetPicker, useChosen, useNotSendable } from './targets.tsx';
import { toolWords } from './tool-words.ts';
import classes from './tools.module.css';
import { focusedShell, workspace } from './workspace.ts';

/** Filled in for each terminal by itself. */
const KNOWN = ['asset', 'account', 'user'];

interface Use {
  readonly command: QuickCommand;
  readonly run: boolean;
}

/** Types a quick command into terminals. */
export function useSendCommand(): (use: Use, to: readonly Shell[], values?: Readonly<Record<string, string>>) => void {
  const t = useWords(toolWords);
  const tell = useTell();
  const me = useMe();
  return ({ command, run }, to, values = {}) => {
    const refused = to.filter((shell) => {
      const { asset, account = '' } = shell.view.get().wish;
      const text = fillIn(command.text, { asset, account, user: me.name, ...values });
      return !shell.type(asTyped(text, run));
    });
    if (refused.length > 0) tell.failed(new Error(t.notTaken(refused.map(nameOf).join(', '))));
    else tell.done(t.sentTo(to.map(nameOf).join(', ')));
  };
}

interface Props {
  /** Begins with this one's questions. */
  readonly start?: QuickCommand | undefined;
  readonly onClose: () => void;
}

/** The quick commands: to find, to use, to keep. */
export function QuickCommands({ start, onClose }: Props) {
  const t = useWords(toolWords);
  const [editing, setEditing] = useState<QuickCommand>();
  const [asking, setAsking] = useState<Use | undefined>(start && { command: start, run: true });
  const [many, setMany] = useState(false);
  const close = () => {
    onClose();
    focusedShell()?.focus();
  };
  const title = editing ? (editing.name === '' ? t.newCommand : t.editCommand) : (asking?.command.name ?? t.quick);
  return (
    <Modal opened onClose={close} title={<Text fw={600}>{title}</Text>} size="lg" returnFocus={false}>
      {editing ? (
        <Edit command={editing} done={() => setEditing(undefined)} />
      ) : asking ? (
        <Ask use={asking} many={many} done={close} />
      ) : (
        <List many={many} setMany={setMany} edit={setEditing} ask={setAsking} done={close} />
      )}
    </Modal>
  );
}

function useTargets(many: boolean): Shell[] {
  useStore(workspace);
  const chosen = useChosen();
  const not = useNotSendable();
  const focused = focusedShell();
  if (many) return chosen;
  return focused && not(focused) === undefined ? [focused] : [];
}

function List(props: {
  readonly many: boolean;
  readonly setMany: (many: boolean) => void;
  readonly edit: (command: QuickCommand) => void;
  readonly ask: (use: Use) => void;
  readonly done: () => void;
}) {
  const t = useWords(toolWords);
  const kit = useWords(kitWords);
  const tell = useTell();
  const { commands, remove, restore } = useQuickCommands();
  const send = useSendCommand();
  const [text, setText] = useState('');
  const targets = useTargets(props.many);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = commands.filter((one) =>
    words.every((word) => `${one.name}\n${one.text}`.toLowerCase().includes(word)),
  );
  const add = () => props.edit({ id: crypto.randomUUID(), name: '', text: '' });
  const use = (command: QuickCommand, run: boolean) => {
    if (variablesOf(command.text).some((name) => !KNOWN.includes(name))) return props.ask({ command, run });
    send({ command, run }, targets);
    props.done();
  };
  if (commands.length === 0)
    return (
      <Empty
        icon={IconBolt}
        title={t.noCommands}
        text={t.noCommandsText}
        action={
          <Button leftSection={<IconPlus size={16} />} onClick={add}>
            {t.newCommand}
          </Button>
        }
      />
    );
  return (
    <Stack gap="sm">
      <Group gap="xs" wrap="nowrap">
        <TextInput
          flex={1}
          data-autofocus
          aria-label={kit.search}
          placeholder={kit.search}
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && shown[0] && targets.length > 0) use(shown[0], true);
          }}
        />
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={add}>
          {t.newCommand}
        </Button>
      </Group>
      <ScrollArea.Autosize mah={360}>
        <Stack gap={4}>
          {shown.map((command) => (
            <Group key={command.id} gap="xs" wrap="nowrap" className={classes.command}>
              <div style={{ flex: 1, minWidth: 0 }}>
                <Text size="sm" fw={500} truncate>
                  {command.name}
                </Text>
                <Text size="xs" c="dimmed" className="mono" truncate>
                  {command.text}
                </Text>
              </div>
              <Tooltip label={targets.length === 0 ? t.noTarget : t.run}>
                <ActionIcon
                  aria-label={`${t.run}: ${command.name}`}
                  disabled={targets.length === 0}
                  onClick={() => use(command, true)}
                >
                  <IconPlayerPlay size={16} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={targets.length === 0 ? t.noTarget : t.insert}>
                <ActionIcon
                  aria-label={`${t.insert}: ${command.name}`}
                  disabled={targets.length === 0}
                  onClick={() => use(command, false)}
                >
                  <IconTextPlus size={16} />
                </ActionIcon>
              </Tooltip>
              <ActionIcon aria-label={`${t.editCommand}: ${command.name}`} onClick={() => props.edit(command)}>
                <IconEdit size={16} />
              </ActionIcon>
              <ActionIcon
                aria-label={`${kit.remove}: ${command.name}`}
                onClick={() => {
                  remove(command.id);
                  tell.done(t.removed(command.name), () => restore(commands));
                }}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          {shown.length === 0 && (
            <Text size="sm" c="dimmed" ta="center" py="md">
              {kit.noMatch}
            </Text>
          )}
        </Stack>
      </ScrollArea.Autosize>
      <Group gap="xs">
        <Button.Group>
          <Button
            size="xs"
            variant={props.many ? 'default' : 'light'}
            aria-pressed={!props.many}
            onClick={() => props.setMany(false)}
          >
            {t.thisTerminal}
          </Button>
          <Button
            size="xs"
            variant={props.many ? 'light' : 'default'}
            aria-pressed={props.many}
            onClick={() => props.setMany(true)}
          >
            {t.chosenTerminals}
          </Button>
        </Button.Group>
        {props.many && <TargetPicker />}
      </Group>
    </Stack>
  );
}

function Ask({ use, many, done }: { readonly use: Use; readonly many: boolean; readonly done: () => void }) {
  const t = useWords(toolWords);
  const kit = useWords(kitWords);
  const send = useSendCommand();
  const names = variablesOf(use.command.text).filter((name) => !KNOWN.includes(name));
  const [values, setValues] = useState<Record<string, string>>({});
  const targets = useTargets(many);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(use, targets, Object.fromEntries(names.map((name) => [name, values[name] ?? ''])));
        done();
      }}
    >
      <Stack gap="sm">
        {names.map((name, at) => (
          <TextInput
            key={name}
            label={name}
            data-autofocus={at === 0 || undefined}
            value={values[name] ?? ''}
            onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
          />
        ))}
        <Text size="sm" className={`mono ${classes.preview}`}>
          {fillIn(use.command.text, values)}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={done}>
            {kit.cancel}
          </Button>
          <Button type="submit" disabled={targets.length === 0}>
            {use.run ? t.run : t.insert}
          </Button>
        </Group>
        {targets.length === 0 && (
          <Text size="xs" c="dimmed" ta="right">
            {t.noTarget}
          </Text>
        )}
      </Stack>
    </form>
  );
}

function Edit({ command, done }: { readonly command: QuickCommand; readonly done: () => void }) {
  const t = useWords(toolWords);
  const kit = useWords(kitWords);
  const { save } = useQuickCommands();
  const [name, setName] = useState(command.name);
  const [text, setText] = useState(command.text);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save({ ...command, name: name.trim(), text });
        done();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t.commandName}
          required
          maxLength={80}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t.commandText}
          description={t.commandHint}
          required
          maxLength={4000}
          autosize
          minRows={2}
          maxRows={10}
          classNames={{ input: 'mono' }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={done}>
            {kit.cancel}
          </Button>
          <Button type="submit" disabled={name.trim() === '' || text.trim() === ''}>
            {kit.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { FolderSelect } from '../pickers/pickers.tsx';
import { below, lastOf, parentOf } from './carried.ts';
import { assetsChanged, useMoves } from './use-moves.ts';
import { assetWords } from './words.ts';

export interface FolderDeeds {
  readonly add: (inside: string) => void;
  readonly rename: (path: string) => void;
  readonly move: (path: string) => void;
  readonly remove: (path: string) => void;
}

/** What can be done with folders; each asks for what it needs. `onSelect` follows a folder to where it went. */
export function useFolderDeeds(onSelect: (path: string | undefined) => void): FolderDeeds {
  const t = useWords(assetWords);
  const confirm = useConfirm();
  const tell = useTell();
  const moves = useMoves();
  const askName = (title: string, action: string, value: string, run: (name: string) => Promise<unknown>) => {
    const id = modals.open({
      title: <Text fw={600}>{title}</Text>,
      children: <NameForm value={value} action={action} run={run} close={() => modals.close(id)} />,
    });
  };
  return {
    add: (inside) =>
      askName(t.newFolderIn(inside), t.create, '', async (name) => {
        const path = below(inside, name);
        await api.folders.add({ path });
        await assetsChanged();
        onSelect(path);
        tell.done(t.created(path));
      }),
    rename: (path) =>
      askName(t.renameTitle(path), t.rename, lastOf(path), async (name) => {
        const to = below(parentOf(path), name);
        if (to === path) return;
        await moves.moveFolder(path, to);
        onSelect(to);
      }),
    move: (path) => {
      const id = modals.open({
        title: <Text fw={600}>{t.moveTitle(path)}</Text>,
        children: (
          <MoveForm
            close={() => modals.close(id)}
            run={async (into) => {
              await moves.moveFolderInto(path, into);
              onSelect(below(into, lastOf(path)));
            }}
          />
        ),
      });
    },
    remove: (path) =>
      confirm({
        title: t.removeFolderTitle(path),
        text: t.removeFolderText,
        action: t.removeFolder,
        run: async () => {
          await api.folders.remove({ path });
          await assetsChanged();
          void queries.invalidateQueries({ queryKey: ['permissions'] });
          onSelect(parentOf(path) === '/' ? undefined : parentOf(path));
          tell.done(t.folderRemoved(path), () => {
            void api.folders.add({ path }).then(assetsChanged).catch(tell.failed);
          });
        },
      }),
  };
}

function NameForm(props: {
  readonly value: string;
  readonly action: string;
  readonly run: (name: string) => Promise<unknown>;
  readonly close: () => void;
}) {
  const t = useWords(assetWords);
  const errorText = useErrorText();
  const [name, setName] = useState(props.value);
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const wrong = name.includes('/');
  const run = async () => {
    setRunning(true);
    try {
      await props.run(name.trim());
      props.close();
    } catch (thrown) {
      setError(thrown);
      setRunning(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <TextInput
          label={t.folderName}
          description={t.folderNameHint}
          data-autofocus
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={wrong ? t.slash : error === undefined ? undefined : errorText(error)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={running} disabled={wrong || name.trim() === ''}>
            {props.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Where to? For folders and for assets: what dragging does, with the keyboard. */
export function MoveForm(props: { readonly run: (into: string) => Promise<unknown>; readonly close: () => void }) {
  const t = useWords(assetWords);
  const [into, setInto] = useState<string | null>(null);
  const [running, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    await props.run(into!);
    props.close();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <FolderSelect label={t.target} description={t.targetHint} data-autofocus value={into} onChange={setInto} />
        <Group justify="flex-end">
          <Button type="submit" loading={running} disabled={into === null}>
            {t.move}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

import { Paper, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { PermissionView } from '../../../../src/api/contract/permissions.ts';
import { api } from '../../kit/api.ts';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { partWords } from '../parts/part-words.ts';
import { type EditorKind, ThingEditor, useSource } from '../parts/thing-editor.tsx';
import { type Draft, draftOf, NEW, problemsOf } from './draft.ts';
import { type Asked, ExplainPanel } from './explain-panel.tsx';
import { PermissionForm } from './permission-form.tsx';
import { PreviewPanel } from './preview-panel.tsx';
import { permissionWords } from './words.ts';

const KIND: EditorKind<PermissionView, Draft> = {
  resource: 'permissions',
  draftOf,
  isComplete: (draft) => Object.keys(problemsOf(draft)).length === 0,
  show: (name) => api.permissions.show({ name }),
  add: (draft) => api.permissions.add({ ...draft, name: draft.name.trim() }),
  set(id, draft, version) {
    const { name, ...fields } = draft;
    return api.permissions.set({ name: id, rename: name.trim(), ...fields, version });
  },
};

/** Loads what the form begins with: a permission, a copy of one, or an empty one. */
export function PermissionEditor({ id }: { readonly id: string | undefined }) {
  const common = useWords(partWords);
  const [get] = useUrlState();
  const source = id ?? get('from');
  const { data, error, refetch } = useSource('permissions', source, KIND.show);
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (source !== undefined && !data) return <Waiting h="60vh" />;
  if (id !== undefined) return <Editor opened={data!} first={draftOf(data!)} />;
  const first: Draft = data
    ? { ...draftOf(data), name: common.copyOf(data.name) }
    : {
        ...NEW,
        users: listed(get('user')),
        groups: listed(get('group')),
        assets: listed(get('asset')),
        folders: listed(get('folder')),
      };
  return <Editor opened={undefined} first={first} />;
}

const listed = (name: string | undefined) => (name === undefined || name === '' ? [] : [name]);

function Editor({ opened, first }: { readonly opened: PermissionView | undefined; readonly first: Draft }) {
  const t = useWords(permissionWords);
  const [asked, setAsked] = useState<Asked>({ user: null, asset: null, account: null, protocol: null });
  return (
    <ThingEditor
      kind={KIND}
      opened={opened}
      first={first}
      listTitle={t.title}
      titleOf={(permission) => (permission ? t.edit(permission.name) : t.add)}
      fieldNames={useFieldNames()}
      form={(draft, strict, change) => <PermissionForm draft={draft} strict={strict} change={change} />}
      aside={(draft) => (
        <>
          <PreviewPanel draft={draft} />
          <Paper withBorder p="lg" component="section" aria-label={t.explain}>
            <Title order={3}>{t.explain}</Title>
            <Text size="sm" c="dimmed" mb="sm">
              {t.unsaved}
            </Text>
            <ExplainPanel asked={asked} change={(fields) => setAsked((old) => ({ ...old, ...fields }))} />
          </Paper>
        </>
      )}
    />
  );
}

function useFieldNames(): Partial<Record<keyof PermissionView, string>> {
  const t = useWords(permissionWords);
  const common = useWords(partWords);
  return {
    name: common.name,
    comment: common.comment,
    active: common.active,
    users: t.users,
    groups: t.groups,
    assets: t.assets,
    folders: t.folders,
    labels: t.labels,
    accounts: t.accounts,
    protocols: t.protocols,
    actions: t.actions,
    from: t.from,
    until: t.until,
    forwardTo: t.forwardTo,
    record: t.record,
  };
}

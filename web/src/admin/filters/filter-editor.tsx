import { Text } from '@mantine/core';
import type { FilterView } from '../../../../src/api/contract/filters.ts';
import { api } from '../../kit/api.ts';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { partWords } from '../parts/part-words.ts';
import { type EditorKind, ThingEditor, useSource } from '../parts/thing-editor.tsx';
import { type Draft, draftOf, fieldsOf, NEW, problemsOf } from './draft.ts';
import { FilterForm } from './filter-form.tsx';
import { TEMPLATES } from './templates.ts';
import { Tester } from './tester.tsx';
import { filterWords } from './words.ts';

const KIND: EditorKind<FilterView, Draft> = {
  resource: 'filters',
  draftOf,
  isComplete: (draft) => Object.keys(problemsOf(draft)).length === 0,
  show: (name) => api.filters.show({ name }),
  add: (draft) => api.filters.add({ name: draft.name.trim(), ...fieldsOf(draft) }),
  set: (name, draft, version) => api.filters.set({ name, rename: draft.name.trim(), ...fieldsOf(draft), version }),
};

/** Loads what the form begins with: a filter, a copy of one, a template, or nothing. */
export function FilterEditor({ id }: { readonly id: string | undefined }) {
  const common = useWords(partWords);
  const [get] = useUrlState();
  const source = id ?? get('from');
  const { data, error, refetch } = useSource('filters', source, KIND.show);
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (source !== undefined && !data) return <Waiting h="60vh" />;
  if (id !== undefined) return <Editor opened={data!} first={draftOf(data!)} />;
  if (data) return <Editor opened={undefined} first={{ ...draftOf(data), name: common.copyOf(data.name) }} />;
  const template = TEMPLATES.find((one) => one.id === get('template'));
  return <Editor key={template?.id} opened={undefined} first={{ ...NEW, ...template?.draft }} />;
}

function Editor({ opened, first }: { readonly opened: FilterView | undefined; readonly first: Draft }) {
  const t = useWords(filterWords);
  return (
    <ThingEditor
      kind={KIND}
      opened={opened}
      first={first}
      listTitle={t.title}
      titleOf={(filter) => (filter ? t.edit(filter.name) : t.add)}
      fieldNames={useFieldNames()}
      form={(draft, strict, change) => <FilterForm draft={draft} strict={strict} change={change} />}
      aside={(draft) => (
        <>
          <Tester draft={draft} />
          <Text size="sm" c="dimmed">
            {t.noSandbox}
          </Text>
        </>
      )}
    />
  );
}

function useFieldNames(): Partial<Record<keyof FilterView, string>> {
  const t = useWords(filterWords);
  const common = useWords(partWords);
  return {
    name: common.name,
    comment: common.comment,
    active: common.active,
    priority: t.priority,
    action: t.action,
    words: t.words,
    regex: t.regex,
    matchCase: t.matchCase,
    forAllUsers: t.forWhom,
    users: t.forWhom,
    groups: t.forWhom,
    forAllAssets: t.onWhat,
    assets: t.onWhat,
    accounts: t.accounts,
    reviewers: t.reviewers,
  };
}

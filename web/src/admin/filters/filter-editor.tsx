import { Button, Grid, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { FilterView } from '../../../../src/api/contract/filters.ts';
import { api, queries } from '../../kit/api.ts';
import { kitWords } from '../../kit/kit-words.ts';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { CollisionNote } from '../parts/collision-note.tsx';
import { partWords } from '../parts/part-words.ts';
import { useWarnUnsaved } from '../parts/unsaved.ts';
import { useVersionedSave } from '../parts/versioned.ts';
import { type Draft, draftOf, fieldsOf, NEW, problemsOf } from './draft.ts';
import { FilterForm } from './filter-form.tsx';
import { TEMPLATES } from './templates.ts';
import { Tester } from './tester.tsx';
import { filterWords } from './words.ts';

/** Loads what the form begins with: a filter, a copy of one, a template, or nothing. */
export function FilterEditor({ id }: { readonly id: string | undefined }) {
  const common = useWords(partWords);
  const [get] = useUrlState();
  const source = id ?? get('from');
  const { data, error, refetch } = useQuery({
    queryKey: ['filters', 'one', source],
    queryFn: () => api.filters.show({ name: source! }),
    enabled: source !== undefined,
    // typing is not undone by what comes later
    refetchOnWindowFocus: false,
    staleTime: 0,
    gcTime: 0,
  });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (source !== undefined && !data) return <Waiting h="60vh" />;
  if (id !== undefined) return <Editor opened={data!} first={draftOf(data!)} />;
  if (data) return <Editor opened={undefined} first={{ ...draftOf(data), name: common.copyOf(data.name) }} />;
  const template = TEMPLATES.find((one) => one.id === get('template'));
  return <Editor key={template?.id} opened={undefined} first={{ ...NEW, ...template?.draft }} />;
}

function Editor({ opened: loaded, first }: { opened: FilterView | undefined; first: Draft }) {
  const t = useWords(filterWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const tell = useTell();
  const [, navigate] = useLocation();
  const [opened, setOpened] = useState(loaded);
  const [draft, setDraft] = useState(first);
  const [strict, setStrict] = useState(false);
  const [saving, setSaving] = useState(false);
  const versioned = useVersionedSave<FilterView>({
    resource: 'filters',
    load: () => api.filters.show({ name: opened!.id }),
    save: (version) => api.filters.set({ name: opened!.id, rename: draft.name.trim(), ...fieldsOf(draft), version }),
  });
  const { collision } = versioned;
  const names = useFieldNames();

  useWarnUnsaved(!saving && JSON.stringify(draft) !== JSON.stringify(first));

  const save = async () => {
    setStrict(true);
    if (Object.keys(problemsOf(draft)).length > 0) return;
    setSaving(true);
    try {
      if (opened) {
        if (!(await versioned.save(opened))) return;
      } else {
        await api.filters.add({ name: draft.name.trim(), ...fieldsOf(draft) });
        void queries.invalidateQueries({ queryKey: ['filters'] });
      }
      tell.done(common.saved(draft.name));
      navigate('/admin/filters');
    } catch (error) {
      tell.failed(error);
    } finally {
      setSaving(false);
    }
  };

  const title = opened ? t.edit(opened.name) : t.add;
  return (
    <Page title={title} back={{ href: '/admin/filters', word: t.title }}>
      <form
        aria-label={title}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Stack gap="md">
              {collision && (
                <CollisionNote
                  changed={collision.theirs && collision.changed.map((field) => names[field] ?? field)}
                  saving={saving}
                  onSaveMine={() => void save()}
                  onLoadTheirs={() => {
                    if (collision.theirs) {
                      setOpened(collision.theirs);
                      setDraft(draftOf(collision.theirs));
                    }
                    versioned.forget();
                  }}
                />
              )}
              <FilterForm
                draft={draft}
                strict={strict}
                change={(fields) => setDraft((old) => ({ ...old, ...fields }))}
              />
              <Group justify="flex-end">
                <Button component={Link} href="/admin/filters" variant="default">
                  {kit.cancel}
                </Button>
                <Button type="submit" loading={saving} disabled={collision !== undefined}>
                  {opened ? kit.save : common.create}
                </Button>
              </Group>
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <Stack gap="md" pos="sticky" top={68}>
              <Tester draft={draft} />
              <Text size="sm" c="dimmed">
                {t.noSandbox}
              </Text>
            </Stack>
          </Grid.Col>
        </Grid>
      </form>
    </Page>
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

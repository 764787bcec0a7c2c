import { Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { PermissionView } from '../../../../src/api/contract/permissions.ts';
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
import { type Draft, draftOf, NEW, problemsOf } from './draft.ts';
import { type Asked, ExplainPanel } from './explain-panel.tsx';
import { PermissionForm } from './permission-form.tsx';
import { PreviewPanel } from './preview-panel.tsx';
import { permissionWords } from './words.ts';

/** Loads what the form begins with: a permission, a copy of one, or an empty one. */
export function PermissionEditor({ id }: { readonly id: string | undefined }) {
  const common = useWords(partWords);
  const [get] = useUrlState();
  const source = id ?? get('from');
  const { data, error, refetch } = useQuery({
    queryKey: ['permissions', 'one', source],
    queryFn: () => api.permissions.show({ name: source! }),
    enabled: source !== undefined,
    // typing is not undone by what comes later
    refetchOnWindowFocus: false,
    staleTime: 0,
    gcTime: 0,
  });
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

function Editor({ opened: loaded, first }: { opened: PermissionView | undefined; first: Draft }) {
  const t = useWords(permissionWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const tell = useTell();
  const [, navigate] = useLocation();
  const [opened, setOpened] = useState(loaded);
  const [draft, setDraft] = useState(first);
  const [strict, setStrict] = useState(false);
  const [saving, setSaving] = useState(false);
  const [asked, setAsked] = useState<Asked>({ user: null, asset: null, account: null, protocol: null });
  const versioned = useVersionedSave<PermissionView>({
    resource: 'permissions',
    load: () => api.permissions.show({ name: opened!.id }),
    save(version) {
      const { name, ...fields } = draft;
      return api.permissions.set({ name: opened!.id, rename: name.trim(), ...fields, version });
    },
  });
  const { collision } = versioned;

  useWarnUnsaved(!saving && JSON.stringify(draft) !== JSON.stringify(first));

  const save = async () => {
    setStrict(true);
    if (Object.keys(problemsOf(draft)).length > 0) return;
    setSaving(true);
    try {
      if (opened) {
        const saved = await versioned.save(opened);
        if (!saved) return;
      } else {
        await api.permissions.add({ ...draft, name: draft.name.trim() });
        void queries.invalidateQueries({ queryKey: ['permissions'] });
      }
      tell.done(common.saved(draft.name));
      navigate('/admin/permissions');
    } catch (error) {
      tell.failed(error);
    } finally {
      setSaving(false);
    }
  };

  const title = opened ? t.edit(opened.name) : t.add;
  return (
    <Page title={title} back={{ href: '/admin/permissions', word: t.title }}>
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
                  changed={collision.theirs && collision.changed.map((field) => nameOf(field))}
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
              <PermissionForm
                draft={draft}
                strict={strict}
                change={(fields) => setDraft((old) => ({ ...old, ...fields }))}
              />
              <Group justify="flex-end">
                <Button component={Link} href="/admin/permissions" variant="default">
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
              <PreviewPanel draft={draft} />
              <Paper withBorder p="lg" component="section" aria-label={t.explain}>
                <Title order={3}>{t.explain}</Title>
                <Text size="sm" c="dimmed" mb="sm">
                  {t.unsaved}
                </Text>
                <ExplainPanel asked={asked} change={(fields) => setAsked((old) => ({ ...old, ...fields }))} />
              </Paper>
            </Stack>
          </Grid.Col>
        </Grid>
      </form>
    </Page>
  );

  function nameOf(field: keyof PermissionView): string {
    const names: Partial<Record<keyof PermissionView, string>> = {
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
    return names[field] ?? field;
  }
}

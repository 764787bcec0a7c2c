import { Button, Grid, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { queries } from '../../kit/api.ts';
import { kitWords } from '../../kit/kit-words.ts';
import { Page } from '../../kit/page.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { CollisionNote } from './collision-note.tsx';
import { partWords } from './part-words.ts';
import { useWarnUnsaved } from './unsaved.ts';
import { useVersionedSave } from './versioned.ts';

interface Thing {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

/** What the form begins with: the thing itself, or the one it is a copy of. Nothing is asked for without a source. */
export function useSource<T>(resource: string, source: string | undefined, show: (name: string) => Promise<T>) {
  return useQuery({
    queryKey: [resource, 'one', source],
    queryFn: () => show(source!),
    enabled: source !== undefined,
    // typing is not undone by what comes later
    refetchOnWindowFocus: false,
    staleTime: 0,
    gcTime: 0,
  });
}

/** How one kind of thing is edited: `D` is what the form holds. */
export interface EditorKind<T extends Thing, D> {
  /** Of the list, which is also where the editor leads back to: `/admin/RESOURCE`. */
  readonly resource: string;
  readonly draftOf: (thing: T) => D;
  readonly isComplete: (draft: D) => boolean;
  readonly show: (id: string) => Promise<T>;
  readonly add: (draft: D) => Promise<unknown>;
  readonly set: (id: string, draft: D, version: number) => Promise<T>;
}

/** A page on which a thing is made or changed: the form, what belongs beside it, and what happens when others were faster. */
export function ThingEditor<T extends Thing, D extends { readonly name: string }>(props: {
  readonly kind: EditorKind<T, D>;
  readonly opened: T | undefined;
  readonly first: D;
  readonly listTitle: string;
  readonly titleOf: (opened: T | undefined) => string;
  readonly fieldNames: Partial<Record<keyof T, string>>;
  /** `strict`: what is missing is said. */
  readonly form: (draft: D, strict: boolean, change: (fields: Partial<D>) => void) => ReactNode;
  readonly aside: (draft: D) => ReactNode;
}) {
  const { kind, first, fieldNames } = props;
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const tell = useTell();
  const [, navigate] = useLocation();
  const [opened, setOpened] = useState(props.opened);
  const [draft, setDraft] = useState(first);
  const [strict, setStrict] = useState(false);
  const [saving, setSaving] = useState(false);
  const versioned = useVersionedSave<T>({
    resource: kind.resource,
    load: () => kind.show(opened!.id),
    save: (version) => kind.set(opened!.id, draft, version),
  });
  const { collision } = versioned;
  const home = `/admin/${kind.resource}`;

  useWarnUnsaved(!saving && JSON.stringify(draft) !== JSON.stringify(first));

  const save = async () => {
    setStrict(true);
    if (!kind.isComplete(draft)) return;
    setSaving(true);
    try {
      if (opened) {
        if (!(await versioned.save(opened))) return;
      } else {
        await kind.add(draft);
        void queries.invalidateQueries({ queryKey: [kind.resource] });
      }
      tell.done(common.saved(draft.name));
      navigate(home);
    } catch (error) {
      tell.failed(error);
    } finally {
      setSaving(false);
    }
  };
  const loadTheirs = () => {
    if (collision?.theirs) {
      setOpened(collision.theirs);
      setDraft(kind.draftOf(collision.theirs));
    }
    versioned.forget();
  };

  const title = props.titleOf(opened);
  return (
    <Page title={title} back={{ href: home, word: props.listTitle }}>
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
                  changed={collision.theirs && collision.changed.map((field) => fieldNames[field] ?? String(field))}
                  saving={saving}
                  onSaveMine={() => void save()}
                  onLoadTheirs={loadTheirs}
                />
              )}
              {props.form(draft, strict, (fields) => setDraft((old) => ({ ...old, ...fields })))}
              <Group justify="flex-end">
                <Button component={Link} href={home} variant="default">
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
              {props.aside(draft)}
            </Stack>
          </Grid.Col>
        </Grid>
      </form>
    </Page>
  );
}

import { Button, Group, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { useWords } from '../../kit/words.ts';
import { useBulk } from '../bulk/use-bulk.ts';
import { GroupSelect } from '../pickers/pickers.tsx';
import { userWords } from './words.ts';

/** What can be done with the users that are selected. */
export function UsersBulk({ names, done }: { readonly names: readonly string[]; readonly done: () => void }) {
  const t = useWords(userWords);
  const confirm = useConfirm();
  const bulk = useBulk();
  const [asking, ask] = useDisclosure(false);
  const [group, setGroup] = useState<string | null>(null);
  const what = names.length === 1 ? names[0]! : t.nUsers(names.length);

  const change = async (
    on: readonly string[],
    run: (name: string) => Promise<unknown>,
    said: (n: number) => string,
    undo?: (name: string) => Promise<unknown>,
  ) => {
    await bulk(on, run, said, undo && ((worked) => void change(worked, undo, t.enabledN)));
    await queries.invalidateQueries({ queryKey: ['users'] });
    done();
  };
  const enable = (name: string) => api.users.enable({ name });

  return (
    <>
      <Group gap={4}>
        <Button size="compact-sm" variant="subtle" onClick={() => void change(names, enable, t.enabledN)}>
          {t.enable}
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() =>
            confirm({
              title: t.disableTitle(what),
              text: t.disableText,
              action: t.disable,
              run: () => change(names, (name) => api.users.disable({ name }), t.disabledN, enable),
            })
          }
        >
          {t.disable}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={ask.open}>
          {t.addToGroup}
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          onClick={() =>
            confirm({
              title: t.removeTitle(what),
              text: t.removeText,
              action: t.remove,
              typed: names.length === 1 ? names[0] : String(names.length),
              run: () => change(names, (name) => api.users.remove({ name }), t.removedN),
            })
          }
        >
          {t.remove}
        </Button>
      </Group>
      <Modal opened={asking} onClose={ask.close} title={t.chooseGroup}>
        <GroupSelect aria-label={t.filterGroup} value={group} onChange={setGroup} data-autofocus />
        <Group justify="flex-end" mt="md">
          <Button
            disabled={group === null}
            onClick={() => {
              ask.close();
              void putInto(group!);
            }}
          >
            {t.put}
          </Button>
        </Group>
      </Modal>
    </>
  );

  async function putInto(into: string) {
    await bulk(
      names,
      (name) => api.groups.join({ name: into, users: [name] }),
      (n) => t.groupedN(n, into),
    );
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['users'] }),
      queries.invalidateQueries({ queryKey: ['groups'] }),
    ]);
    done();
  }
}

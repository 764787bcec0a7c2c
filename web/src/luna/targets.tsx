import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text } from '@mantine/core';
import { IconChevronUp } from '@tabler/icons-react';
import { useWords } from '../kit/words.ts';
import { panesOf } from './pane-tree.ts';
import type { Shell } from './shell.ts';
import { useAssets } from './sidebar.tsx';
import { Store, useStore } from './store.ts';
import { toolWords } from './tool-words.ts';
import { pulse, shells, workspace } from './workspace.ts';

/** Terminals that batch input does not go to; everything that is open counts as chosen. */
export const leftOut = new Store<ReadonlySet<string>>(new Set());

/** The terminals in the order of their tabs. */
export function openShells(): Shell[] {
  return workspace
    .get()
    .tabs.flatMap((tab) => panesOf(tab.root))
    .flatMap((id) => shells.get(id) ?? []);
}

/** Why nothing can be sent to it now; undefined when it can. */
export function useNotSendable(): (shell: Shell) => string | undefined {
  const t = useWords(toolWords);
  return (shell) => {
    if (shell.view.get().phase !== 'ready') return t.notLive;
    return shell.may('paste') ? undefined : t.noPasteRight;
  };
}

/** The terminals that are chosen and can be sent to. */
export function useChosen(): Shell[] {
  const out = useStore(leftOut);
  useStore(workspace);
  useStore(pulse);
  const not = useNotSendable();
  return openShells().filter((shell) => !out.has(shell.id) && not(shell) === undefined);
}

/** Escape there closes the list, not the dialog it was opened from. */
const ALONE = { 'data-mantine-stop-propagation': 'true' };

/** Which terminals something is sent to: each, all, or those of a folder. */
export function TargetPicker() {
  const t = useWords(toolWords);
  const out = useStore(leftOut);
  const not = useNotSendable();
  const chosen = useChosen();
  const { data: assets } = useAssets();
  const all = openShells();
  const folderOf = (shell: Shell) => assets?.find(({ id }) => id === shell.view.get().wish.id)?.folder ?? '/';
  const folders = [...new Set(all.map(folderOf))].sort();
  const choose = (which: readonly Shell[], on: boolean) => {
    const next = new Set(out);
    for (const { id } of which) {
      if (on) next.delete(id);
      else next.add(id);
    }
    leftOut.set(next);
  };
  const isIn = (shell: Shell) => !out.has(shell.id) && not(shell) === undefined;
  return (
    <Popover position="top-start" shadow="md" width={300} trapFocus>
      <Popover.Target>
        <Button size="xs" variant="default" rightSection={<IconChevronUp size={14} />}>
          {t.targets(chosen.length)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Stack gap="xs">
          <Checkbox
            {...ALONE}
            size="xs"
            label={t.allTerminals}
            checked={chosen.length > 0 && chosen.length === all.filter((one) => not(one) === undefined).length}
            indeterminate={chosen.length > 0 && out.size > 0}
            onChange={(event) => choose(all, event.currentTarget.checked)}
          />
          <ScrollArea.Autosize mah={280}>
            <Stack gap="xs">
              {folders.map((folder) => {
                const inside = all.filter((shell) => folderOf(shell) === folder);
                return (
                  <Stack key={folder} gap={6}>
                    {folders.length > 1 && (
                      <Checkbox
                        {...ALONE}
                        size="xs"
                        label={
                          <Text span size="xs" c="dimmed">
                            {folder}
                          </Text>
                        }
                        checked={inside.some(isIn) && inside.every((one) => isIn(one) || not(one) !== undefined)}
                        indeterminate={inside.some(isIn) && inside.some((one) => out.has(one.id))}
                        onChange={(event) => choose(inside, event.currentTarget.checked)}
                      />
                    )}
                    {inside.map((shell) => (
                      <Checkbox
                        {...ALONE}
                        key={shell.id}
                        size="xs"
                        ml={folders.length > 1 ? 'md' : 0}
                        label={nameOf(shell)}
                        description={not(shell)}
                        disabled={not(shell) !== undefined}
                        checked={isIn(shell)}
                        onChange={(event) => choose([shell], event.currentTarget.checked)}
                      />
                    ))}
                  </Stack>
                );
              })}
            </Stack>
          </ScrollArea.Autosize>
          {all.length === 0 && (
            <Group>
              <Text size="xs" c="dimmed">
                {t.noTerminals}
              </Text>
            </Group>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** `root@web1`; with the number of its tab where there are several of the same. */
export function nameOf(shell: Shell): string {
  const own = plainName(shell);
  const same = openShells().filter((one) => plainName(one) === own);
  return same.length > 1 ? `${own} (${same.indexOf(shell) + 1})` : own;
}

function plainName(shell: Shell): string {
  const { account, asset } = shell.view.get().wish;
  return account && account !== '@input' ? `${account}@${asset}` : asset;
}

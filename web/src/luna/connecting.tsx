import { Button, Group, Radio, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import type { ReachableView } from '../../../src/api/contract/me.ts';
import { kitWords } from '../kit/kit-words.ts';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import type { Edge } from './pane-tree.ts';
import { remembered, rememberUse } from './remembered.ts';
import { words } from './words.ts';
import { openShell } from './workspace.ts';

type Protocol = ReachableView['protocols'][number]['name'];
export interface Choice {
  readonly protocol: Protocol;
  readonly account: string;
}

/** Drawn as pictures, not in a terminal. */
const PICTURES: ReadonlySet<string> = new Set(['rdp', 'vnc']);

/** Every way into an asset by a terminal. */
export function waysInto(asset: ReachableView): Choice[] {
  return asset.protocols
    .filter(({ name }) => !PICTURES.has(name))
    .flatMap(({ name, accounts }) =>
      accounts
        .filter(({ actions }) => actions.includes('connect'))
        .map((account) => ({ protocol: name, account: account.name })),
    );
}

interface How {
  /** Choose anew, even if there is one way only. */
  readonly ask?: boolean;
  /** Wanted account and protocol, as far as given. */
  readonly account?: string | undefined;
  readonly protocol?: string | undefined;
  readonly at?: { readonly pane: string; readonly edge: Edge };
}

/** Opens a terminal on an asset; asks by which account and protocol where there are several. */
export function useConnect(): (asset: ReachableView, how?: How) => void {
  const t = useWords(words);
  const tell = useTell();
  return (asset, how = {}) => {
    const open = ({ protocol, account }: Choice) => {
      rememberUse(asset.id, protocol, account);
      openShell({ id: asset.id, asset: asset.name, account, protocol }, how.at);
    };
    const ways = waysInto(asset).filter(
      (way) => (how.account ?? way.account) === way.account && (how.protocol ?? way.protocol) === way.protocol,
    );
    if (ways.length === 0) {
      tell.failed(new Error(how.account || how.protocol ? t.noSuchWay(asset.name) : t.noWay(asset.name)));
    } else if (ways.length === 1 && !how.ask) {
      open(ways[0]!);
    } else {
      const id = modals.open({
        title: <Text fw={600}>{t.connectTo(asset.name)}</Text>,
        children: (
          <Chooser
            asset={asset}
            ways={ways}
            onCancel={() => modals.close(id)}
            onChoose={(choice) => {
              modals.close(id);
              open(choice);
            }}
          />
        ),
      });
    }
  };
}

const MANY = 8;

function Chooser(props: {
  readonly asset: ReachableView;
  readonly ways: readonly Choice[];
  readonly onCancel: () => void;
  readonly onChoose: (choice: Choice) => void;
}) {
  const { asset, ways } = props;
  const t = useWords(words);
  const kit = useWords(kitWords);
  const last = remembered.get().choices[asset.id];
  const known = ways.find((way) => way.protocol === last?.protocol && way.account === last.account);
  const [choice, setChoice] = useState<Choice>(known ?? ways[0]!);
  const protocols = [...new Set(ways.map((way) => way.protocol))];
  const accounts = ways.filter((way) => way.protocol === choice.protocol).map((way) => way.account);
  const named = (account: string) => (account === '@input' ? t.typeLogin : account);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onChoose(choice);
      }}
    >
      <Stack>
        {protocols.length > 1 && (
          <SegmentedControl
            aria-label={t.protocol}
            data={protocols}
            value={choice.protocol}
            onChange={(value) => {
              const of = ways.filter((way) => way.protocol === value);
              setChoice(of.find((way) => way.account === choice.account) ?? of[0]!);
            }}
          />
        )}
        {accounts.length > MANY ? (
          <Select
            label={t.account}
            searchable
            allowDeselect={false}
            data={accounts.map((account) => ({ value: account, label: named(account) }))}
            value={choice.account}
            onChange={(account) => account !== null && setChoice({ ...choice, account })}
          />
        ) : (
          <Radio.Group
            label={t.account}
            value={choice.account}
            onChange={(account) => setChoice({ ...choice, account })}
          >
            <Stack gap="xs" mt="xs">
              {accounts.map((account) => (
                <Radio key={account} value={account} label={named(account)} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            {kit.cancel}
          </Button>
          <Button type="submit" data-autofocus>
            {t.connect}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

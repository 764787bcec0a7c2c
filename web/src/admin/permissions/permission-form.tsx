import { Checkbox, Group, Select, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { useWords } from '../../kit/words.ts';
import { MomentInput } from '../edit/moment-input.tsx';
import { Part } from '../parts/part.tsx';
import { ACTIONS, PROTOCOLS, partWords } from '../parts/part-words.ts';
import { AccountPicker, AssetPicker, FolderPicker, GroupPicker, UserPicker } from '../pickers/pickers.tsx';
import { type Draft, problemsOf } from './draft.ts';
import { permissionWords } from './words.ts';

interface Props {
  readonly draft: Draft;
  readonly change: (fields: Partial<Draft>) => void;
  /** Whether what is missing is said: after the first try to save. */
  readonly strict: boolean;
}

/** Every field of a permission, in the order in which one says it: who, what, as whom, what for, how long. */
export function PermissionForm({ draft, change, strict }: Props) {
  const t = useWords(permissionWords);
  const common = useWords(partWords);
  const problems = problemsOf(draft);
  const said = (field: keyof typeof problems) => {
    const problem = problems[field];
    return problem && (strict || field === 'labels' || field === 'dates') ? t[problem] : undefined;
  };
  return (
    <Stack gap="md">
      <Part>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={common.name}
            required
            maxLength={128}
            value={draft.name}
            error={said('name')}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <TextInput
            label={common.comment}
            maxLength={1000}
            value={draft.comment}
            onChange={(event) => change({ comment: event.currentTarget.value })}
          />
        </SimpleGrid>
        <Switch
          label={common.active}
          description={t.activeText}
          checked={draft.active}
          onChange={(event) => change({ active: event.currentTarget.checked })}
        />
      </Part>

      <Part title={t.who} error={said('who')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <UserPicker label={t.users} value={draft.users} onChange={(users) => change({ users })} />
          <GroupPicker label={t.groups} value={draft.groups} onChange={(groups) => change({ groups })} />
        </SimpleGrid>
      </Part>

      <Part title={t.what} error={said('what')}>
        <FolderPicker
          label={t.folders}
          description={t.foldersHint}
          value={draft.folders}
          onChange={(folders) => change({ folders })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <AssetPicker label={t.assets} value={draft.assets} onChange={(assets) => change({ assets })} />
          <TagsInput
            label={t.labels}
            value={draft.labels}
            placeholder={draft.labels.length === 0 ? 'env=prod' : undefined}
            description={t.labelsHint}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            error={said('labels')}
            onChange={(labels) => change({ labels })}
          />
        </SimpleGrid>
      </Part>

      <Part title={t.accounts} error={said('accounts')}>
        <Accounts draft={draft} change={change} />
      </Part>

      <Part title={t.actions} error={said('actions')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
          {ACTIONS.map((action) => (
            <Checkbox
              key={action}
              label={common[`act_${action}`]}
              description={t[`${action}Text`]}
              checked={draft.actions.includes(action)}
              onChange={() => change({ actions: toggled(ACTIONS, draft.actions, action) })}
            />
          ))}
        </SimpleGrid>
        {draft.actions.includes('forward') && (
          <TagsInput
            label={t.forwardTo}
            description={t.forwardToHint}
            value={draft.forwardTo}
            onChange={(forwardTo) => change({ forwardTo })}
          />
        )}
        <Checkbox.Group
          label={t.protocols}
          description={t.protocolsHint}
          value={draft.protocols}
          onChange={(chosen) => change({ protocols: PROTOCOLS.filter((name) => chosen.includes(name)) })}
        >
          <Group gap="md" mt="xs">
            {PROTOCOLS.map((name) => (
              <Checkbox key={name} value={name} label={name} />
            ))}
          </Group>
        </Checkbox.Group>
      </Part>

      <Part title={t.when} error={said('dates')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <MomentInput
            label={t.from}
            placeholder={t.fromNone}
            value={draft.from}
            onChange={(from) => change({ from })}
          />
          <MomentInput
            label={t.until}
            placeholder={t.untilNone}
            value={draft.until}
            onChange={(until) => change({ until })}
          />
        </SimpleGrid>
        <Select
          label={t.record}
          allowDeselect={false}
          description={draft.record === 'best-effort' ? t.bestEffortHint : undefined}
          data={[
            { value: 'required', label: t.required },
            { value: 'best-effort', label: t.bestEffort },
          ]}
          value={draft.record}
          onChange={(record) => change({ record: record === 'best-effort' ? 'best-effort' : 'required' })}
        />
      </Part>
    </Stack>
  );
}

const SPECIAL = ['@all', '@user', '@input'];

/** The three kinds that have a meaning of their own, and logins by name. */
function Accounts({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const t = useWords(permissionWords);
  const kinds = [
    ['@all', t.allAccounts, t.allAccountsText],
    ['@user', t.sameName, t.sameNameText],
    ['@input', t.typed, t.typedText],
  ] as const;
  const logins = draft.accounts.filter((name) => !SPECIAL.includes(name));
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        {kinds.map(([kind, label, text]) => (
          <Checkbox
            key={kind}
            label={label}
            description={text}
            checked={draft.accounts.includes(kind)}
            onChange={() => {
              const special = toggled(SPECIAL, draft.accounts, kind);
              change({ accounts: [...special, ...logins] });
            }}
          />
        ))}
      </SimpleGrid>
      <AccountPicker
        label={t.logins}
        description={t.loginsHint}
        value={logins}
        onChange={(names) =>
          change({
            accounts: [
              ...draft.accounts.filter((name) => SPECIAL.includes(name)),
              ...names.filter((name) => !name.startsWith('@')),
            ],
          })
        }
      />
    </>
  );
}

/** In the order of `all`, with `one` put in or taken out. */
function toggled<T>(all: readonly T[], chosen: readonly T[], one: T): T[] {
  return all.filter((item) => (item === one ? !chosen.includes(one) : chosen.includes(item)));
}

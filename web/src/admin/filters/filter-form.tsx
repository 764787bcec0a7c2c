import { NumberInput, Radio, SegmentedControl, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { useWords } from '../../kit/words.ts';
import { Part } from '../parts/part.tsx';
import { partWords } from '../parts/part-words.ts';
import { AccountPicker, AssetPicker, GroupPicker, UserPicker } from '../pickers/pickers.tsx';
import { type Draft, FILTER_ACTIONS, type FilterAction, problemsOf } from './draft.ts';
import { filterWords } from './words.ts';

interface Props {
  readonly draft: Draft;
  readonly change: (fields: Partial<Draft>) => void;
  /** Whether what is missing is said: after the first try to save. */
  readonly strict: boolean;
}

const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

export function FilterForm({ draft, change, strict }: Props) {
  const t = useWords(filterWords);
  const common = useWords(partWords);
  const problems = problemsOf(draft);
  const said = (field: keyof typeof problems) => {
    const problem = problems[field];
    return strict && problem ? t[problem] : undefined;
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
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={t.priority}
            description={t.priorityHint}
            min={1}
            max={100}
            allowDecimal={false}
            clampBehavior="strict"
            value={draft.priority}
            onChange={(value) => typeof value === 'number' && change({ priority: value })}
          />
          <Switch
            mt={{ sm: 26 }}
            label={common.active}
            description={t.activeText}
            checked={draft.active}
            onChange={(event) => change({ active: event.currentTarget.checked })}
          />
        </SimpleGrid>
      </Part>

      <Part title={t.which} error={said('match')}>
        <SegmentedControl
          aria-label={t.which}
          data={[
            { value: 'words', label: t.byWords },
            { value: 'regex', label: t.byRegex },
          ]}
          value={draft.kind}
          onChange={(kind) => change({ kind: kind === 'regex' ? 'regex' : 'words' })}
        />
        {draft.kind === 'words' ? (
          <TagsInput
            label={t.words}
            description={t.wordsHint}
            placeholder={draft.words.length === 0 ? 'rm -rf' : undefined}
            acceptValueOnBlur
            splitChars={[',', '\n']}
            styles={mono}
            value={draft.words}
            onChange={(words) => change({ words })}
          />
        ) : (
          <TextInput
            label={t.regex}
            description={t.regexHint}
            placeholder="\|\s*(sudo\s+)?(ba|z|da|k)?sh\b"
            maxLength={2000}
            spellCheck={false}
            styles={mono}
            value={draft.regex}
            onChange={(event) => change({ regex: event.currentTarget.value })}
          />
        )}
        <Switch
          label={t.matchCase}
          checked={draft.matchCase}
          onChange={(event) => change({ matchCase: event.currentTarget.checked })}
        />
      </Part>

      <Part title={t.doWhat}>
        <Radio.Group
          aria-label={t.doWhat}
          value={draft.action}
          onChange={(action) => change({ action: action as FilterAction })}
        >
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
            {FILTER_ACTIONS.map((action) => (
              <Radio key={action} value={action} label={t[action]} description={t[`${action}Text`]} />
            ))}
          </SimpleGrid>
        </Radio.Group>
        {draft.action === 'review' && (
          <UserPicker
            label={t.reviewers}
            description={t.reviewersHint}
            value={draft.reviewers}
            onChange={(reviewers) => change({ reviewers })}
          />
        )}
      </Part>

      <Part title={t.forWhom} error={said('who')}>
        <AllOrSome
          label={t.forWhom}
          all={t.all}
          value={draft.everybody}
          onChange={(everybody) => change({ everybody })}
        />
        {!draft.everybody && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <UserPicker value={draft.users} onChange={(users) => change({ users })} />
            <GroupPicker value={draft.groups} onChange={(groups) => change({ groups })} />
          </SimpleGrid>
        )}
      </Part>

      <Part title={t.onWhat} error={said('what')}>
        <AllOrSome
          label={t.onWhat}
          all={t.allAssets}
          value={draft.everywhere}
          onChange={(everywhere) => change({ everywhere })}
        />
        {!draft.everywhere && <AssetPicker value={draft.assets} onChange={(assets) => change({ assets })} />}
        <AccountPicker
          label={t.accounts}
          description={t.accountsHint}
          value={draft.accounts}
          onChange={(names) => change({ accounts: names.filter((name) => !name.startsWith('@')) })}
        />
      </Part>
    </Stack>
  );
}

function AllOrSome(props: { label: string; all: string; value: boolean; onChange: (all: boolean) => void }) {
  const t = useWords(filterWords);
  return (
    <SegmentedControl
      aria-label={props.label}
      data={[
        { value: 'all', label: props.all },
        { value: 'some', label: t.some },
      ]}
      value={props.value ? 'all' : 'some'}
      onChange={(value) => props.onChange(value === 'all')}
    />
  );
}

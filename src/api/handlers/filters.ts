import { commandRules } from '../../access/commands.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { type FilterId, newId } from '../../kernel/id.ts';
import { LineFilter, type LineVerdict } from '../../session/filter/line-filter.ts';
import { checkPattern } from '../../session/filter/regex-rules.ts';
import { checkWords } from '../../session/filter/word-rules.ts';
import type { CommandFilter } from '../../store/model.ts';
import type { FilterPatch, Store } from '../../store/store.ts';
import type { FilterVerdict, FilterView } from '../contract/filters.ts';
import { difference, done } from './audit-draft.ts';
import { findAsset, findFilter, findUser } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { iso } from './time.ts';

const LISTING: Listing<CommandFilter, 'priority' | 'name'> = {
  id: (filter) => filter.id,
  texts: (filter) => [
    ...[filter.name, filter.comment, filter.action, filter.regex],
    ...[filter.words, filter.users, filter.groups, filter.assets, filter.accounts, filter.reviewers].flat(),
  ],
  order: {
    priority: (filter) => [filter.priority, filter.name],
    name: (filter) => [filter.name],
  },
};

export interface FilterDeps {
  readonly store: Pick<Store, 'filters' | 'users' | 'assets'>;
  readonly clock: Clock;
}

export function filterHandlers({ store, clock }: FilterDeps): Handlers<'filters'> {
  /** The names as the users have them; `not_found` when one is nobody's. */
  const usersNamed = async (names: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const name of names) found.push((await findUser(store, name)).name);
    return [...new Set(found)];
  };

  return {
    async list({ query }) {
      const { items, ...page } = countedPage(await store.filters.list(), query, LISTING);
      return { ...page, items: items.map(view) };
    },

    async add({ body, actor }) {
      checkMatch(body);
      checkReviewers(body.action, body.reviewers);
      const filter = { id: newId<FilterId>(clock.now()), ...body, reviewers: await usersNamed(body.reviewers) };
      const audit = done(actor, 'filter.create', target(filter), { after: body });
      return view(await store.filters.create(filter, audit));
    },

    async show({ params }) {
      return view(await findFilter(store, params.name));
    },

    async set({ params, body, actor }) {
      const filter = await findFilter(store, params.name);
      const { rename, ...fields } = body;
      const action = fields.action ?? filter.action;
      const patch: FilterPatch = {
        ...fields,
        ...match(body),
        name: rename,
        reviewers: fields.reviewers && (await usersNamed(fields.reviewers)),
        // nobody is asked any more
        ...(action !== 'review' && fields.reviewers === undefined && filter.reviewers.length > 0 && { reviewers: [] }),
      };
      checkMatch({
        words: patch.words ?? filter.words,
        regex: patch.regex === undefined ? filter.regex : patch.regex,
        matchCase: patch.matchCase ?? filter.matchCase,
      });
      checkReviewers(action, patch.reviewers ?? filter.reviewers);
      const { version: _version, ...visible } = patch;
      const audit = done(actor, 'filter.update', target(filter), difference(filter, visible));
      return view(await store.filters.update(filter.id, patch, audit));
    },

    async remove({ params, actor }) {
      const filter = await findFilter(store, params.name);
      const audit = done(actor, 'filter.remove', target(filter), { before: view(filter) });
      await store.filters.remove(filter.id, audit);
      return {};
    },

    async test({ params, body }) {
      const filter = await findFilter(store, params.name);
      return verdictView(body.line, new LineFilter([filter]).judge(body.line));
    },

    async try({ body: { line, ...rule } }) {
      checkMatch(rule);
      const filter = { ...rule, id: newId<FilterId>(clock.now()), name: 'this filter', priority: 1, reviewers: [] };
      return verdictView(line, new LineFilter([filter]).judge(line));
    },

    async explain({ body }) {
      const [user, asset] = [await findUser(store, body.user), await findAsset(store, body.asset)];
      const scope = { user, groups: await store.users.groupsOf(user.id), asset, login: body.account };
      const rules = commandRules(await store.filters.list(), scope);
      return {
        ...verdictView(body.line, new LineFilter(rules).judge(body.line)),
        filters: rules.map(({ name }) => name),
      };
    },
  };
}

/** Words take the place of a regular expression, and the other way round. */
function match({ words, regex }: Pick<FilterPatch, 'words' | 'regex'>): Pick<FilterPatch, 'words' | 'regex'> {
  if (words !== undefined && words.length > 0 && regex === undefined) return { regex: null };
  if (typeof regex === 'string' && words === undefined) return { words: [] };
  return {};
}

function checkMatch({ words, regex, matchCase }: Pick<CommandFilter, 'words' | 'regex' | 'matchCase'>): void {
  if (words.length > 0 === (regex !== null)) {
    throw new AppError('invalid', 'Say which commands the filter minds: either words or one regular expression.');
  }
  if (regex === null) checkWords(words);
  else checkPattern(regex, matchCase);
}

function checkReviewers(action: CommandFilter['action'], reviewers: readonly string[]): void {
  if (action !== 'review' && reviewers.length > 0) {
    throw new AppError('invalid', 'Only a filter that asks for review has reviewers.');
  }
}

function target(filter: { readonly id: FilterId; readonly name: string }) {
  return { kind: 'filter', id: filter.id, name: filter.name };
}

function view(filter: CommandFilter): FilterView {
  return {
    ...filter,
    words: [...filter.words],
    users: [...filter.users],
    groups: [...filter.groups],
    assets: [...filter.assets],
    accounts: [...filter.accounts],
    reviewers: [...filter.reviewers],
    createdAt: iso(filter.createdAt),
  };
}

function verdictView(line: string, { action, rule, command, commands, unread, continues }: LineVerdict): FilterVerdict {
  return {
    line,
    action,
    filter: rule?.name ?? null,
    command,
    reviewers: action === 'review' && rule ? [...rule.reviewers] : [],
    commands: commands.map((one) => ({
      text: one.text,
      action: one.action,
      filter: one.rule?.name ?? null,
      via: [...(one.via ?? [])],
      undecided: [...(one.undecided ?? [])],
    })),
    unread: unread ?? null,
    continues: continues ?? false,
  };
}

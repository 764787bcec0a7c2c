import { z } from 'zod';
import {
  assetName,
  comment,
  countedPage,
  label,
  line,
  listQuery,
  login,
  nothing,
  time,
  userName,
  version,
} from './common.ts';
import { route } from './route.ts';

/** What a filter does with a command it minds, the mildest first. */
export const filterAction = z.enum(['allow', 'warn', 'review', 'deny']);

const filter = z.object({
  id: z.string(),
  name: z.string(),
  comment: z.string(),
  active: z.boolean(),
  /** 1 to 100; the smaller is asked first. */
  priority: z.number(),
  action: filterAction,
  /** Commands by name, with arguments where they matter; empty when `regex` says which ones. */
  words: z.array(z.string()),
  /** RE2 syntax; null when `words` say which ones. */
  regex: z.string().nullable(),
  matchCase: z.boolean(),
  /** Whether it is for everybody; otherwise for `users` and `groups`. */
  forAllUsers: z.boolean(),
  users: z.array(z.string()),
  groups: z.array(z.string()),
  /** Whether it is for every asset; otherwise for `assets`. */
  forAllAssets: z.boolean(),
  assets: z.array(z.string()),
  /** Empty means every account. */
  accounts: z.array(z.string()),
  /** Who may approve; empty means every administrator. */
  reviewers: z.array(z.string()),
  createdAt: time,
  version,
});
export type FilterView = z.output<typeof filter>;

const verdict = z.object({
  line: z.string(),
  action: filterAction,
  /** The filter that decided, null when none minded. */
  filter: z.string().nullable(),
  /** The simple command it decided about. */
  command: z.string(),
  /** Who would be asked, when `action` is review; empty means every administrator. */
  reviewers: z.array(z.string()),
  /** Everything that was found in the line, in its order. */
  commands: z.array(
    z.object({
      /** As it will run, as far as can be told. */
      text: z.string(),
      action: filterAction,
      filter: z.string().nullable(),
      /** What it stands in, from the outside inwards: `sudo`, `bash -c`; `whole line` for the line itself. */
      via: z.array(z.string()),
      /** What in it could not be told, as it was written. */
      undecided: z.array(z.string()),
    }),
  ),
  /** Why the line could not be taken apart; then the severest filter decided. */
  unread: z.string().nullable(),
  /** Whether a quote, a bracket or a here-document is open: what is typed next belongs to this line. */
  continues: z.boolean(),
});
export type FilterVerdict = z.output<typeof verdict>;

const names = z.array(line(128).min(1)).max(1000);
const fields = {
  comment,
  active: z.boolean(),
  priority: z.number().int().min(1).max(100),
  action: filterAction,
  words: z.array(line(256).min(1)).max(1000),
  regex: line(2000).min(1).nullable(),
  matchCase: z.boolean(),
  users: names,
  groups: names,
  assets: names,
  accounts: z.array(login).max(1000),
  reviewers: names,
};

/** A line to be judged, as somebody would type it; may hold several lines. */
const tested = z.string().min(1).max(16_384);

export const filters = {
  list: route({
    method: 'GET',
    path: '/filters',
    needs: 'manage',
    summary: 'List command filters, in the order they are asked unless told otherwise',
    query: z.strictObject(listQuery('priority', 'name')),
    response: countedPage(filter),
  }),
  add: route({
    method: 'POST',
    path: '/filters',
    needs: 'manage',
    summary: 'Add a command filter: either words or a regular expression, what to do, and for whom on what',
    body: z.strictObject({
      name: label,
      comment: fields.comment.default(''),
      active: fields.active.default(true),
      priority: fields.priority.default(50),
      action: fields.action,
      words: fields.words.default([]),
      regex: fields.regex.default(null),
      matchCase: fields.matchCase.default(false),
      users: fields.users.default([]),
      groups: fields.groups.default([]),
      assets: fields.assets.default([]),
      accounts: fields.accounts.default([]),
      reviewers: fields.reviewers.default([]),
    }),
    response: filter,
  }),
  show: route({
    method: 'GET',
    path: '/filters/:name',
    needs: 'manage',
    summary: 'Show a command filter',
    response: filter,
  }),
  set: route({
    method: 'PATCH',
    path: '/filters/:name',
    needs: 'manage',
    summary: 'Change a command filter; a list replaces the list that was there, words replace a regular expression',
    body: z.strictObject({
      rename: label.optional(),
      comment: fields.comment.optional(),
      active: fields.active.optional(),
      priority: fields.priority.optional(),
      action: fields.action.optional(),
      words: fields.words.optional(),
      regex: fields.regex.optional(),
      matchCase: fields.matchCase.optional(),
      users: fields.users.optional(),
      groups: fields.groups.optional(),
      assets: fields.assets.optional(),
      accounts: fields.accounts.optional(),
      reviewers: fields.reviewers.optional(),
      version: version.optional(),
    }),
    response: filter,
  }),
  remove: route({
    method: 'DELETE',
    path: '/filters/:name',
    needs: 'manage',
    summary: 'Remove a command filter; running sessions stop asking it at once',
    response: nothing,
  }),
  test: route({
    method: 'POST',
    path: '/filters/:name/test',
    needs: 'manage',
    summary: 'Say what this filter alone would do with a line, whoever types it',
    body: z.strictObject({ line: tested }),
    response: verdict,
  }),
  try: route({
    method: 'POST',
    path: '/filters/try',
    needs: 'manage',
    summary: 'Say what a filter that is not saved yet would do with a line',
    body: z.strictObject({
      action: fields.action,
      words: fields.words.default([]),
      regex: fields.regex.default(null),
      matchCase: fields.matchCase.default(false),
      line: tested,
    }),
    response: verdict,
  }),
  explain: route({
    method: 'POST',
    path: '/filters/explain',
    needs: 'manage',
    summary: 'Say what all filters together would do with a line of this user on this account',
    body: z.strictObject({ line: tested, user: userName, asset: assetName, account: login }),
    response: verdict.extend({
      /** The filters that hold there, in the order they are asked. */
      filters: z.array(z.string()),
    }),
  }),
};

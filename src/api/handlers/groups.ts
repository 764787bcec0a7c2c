import type { Clock } from '../../kernel/clock.ts';
import { type GroupId, newId } from '../../kernel/id.ts';
import type { Group, User } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { difference, done } from './audit-draft.ts';
import { findGroup, findUser } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';

const LISTING: Listing<Group, 'name'> = {
  id: (group) => group.id,
  texts: (group) => [group.name, group.comment, ...group.members],
  order: { name: (group) => [group.name] },
};

export function groupHandlers(store: Pick<Store, 'groups' | 'users'>, clock: Clock): Handlers<'groups'> {
  const findUsers = async (names: readonly string[]): Promise<User[]> => {
    const users: User[] = [];
    for (const name of names) users.push(await findUser(store, name));
    return users;
  };
  const ids = (users: readonly User[]) => users.map((user) => user.id);
  const named = (users: readonly User[]) => ({ users: users.map((user) => user.name) });

  return {
    async list({ query }) {
      const { items, ...page } = countedPage(await store.groups.list(), query, LISTING);
      return { ...page, items: items.map(view) };
    },

    async add({ body, actor }) {
      const group = { id: newId<GroupId>(clock.now()), ...body };
      return view(await store.groups.create(group, done(actor, 'group.create', target(group), { after: body })));
    },

    async show({ params }) {
      return view(await findGroup(store, params.name));
    },

    async set({ params, body, actor }) {
      const group = await findGroup(store, params.name);
      const { rename, comment, version } = body;
      const patch = { name: rename, comment };
      const audit = done(actor, 'group.update', target(group), difference(group, patch));
      return view(await store.groups.update(group.id, { ...patch, version }, audit));
    },

    async remove({ params, actor }) {
      const group = await findGroup(store, params.name);
      const before = { comment: group.comment, members: group.members };
      await store.groups.remove(group.id, done(actor, 'group.remove', target(group), { before }));
      return {};
    },

    async join({ params, body, actor }) {
      const group = await findGroup(store, params.name);
      const users = await findUsers(body.users);
      return view(
        await store.groups.join(group.id, ids(users), done(actor, 'group.join', target(group), named(users))),
      );
    },

    async leave({ params, body, actor }) {
      const group = await findGroup(store, params.name);
      const users = await findUsers(body.users);
      return view(
        await store.groups.leave(group.id, ids(users), done(actor, 'group.leave', target(group), named(users))),
      );
    },
  };
}

function view(group: Group) {
  return { ...group, members: [...group.members] };
}

function target(group: { readonly id: GroupId; readonly name: string }) {
  return { kind: 'group', id: group.id, name: group.name };
}

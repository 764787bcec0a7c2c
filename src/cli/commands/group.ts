import type { Command } from 'commander';
import { all } from '../all.ts';
import { requireChange } from '../parse.ts';
import type { Declare } from '../program.ts';
import { count } from '../run.ts';

export function groupCommands(program: Command, { action }: Declare): void {
  const group = program.command('group').summary('groups of users').description('Groups of users.').helpCommand(false);

  group
    .command('add')
    .argument('<name>')
    .summary('add a group')
    .option('--comment <text>', 'a note')
    .action(
      action(async (run, options: { comment?: string }, name: string) => {
        const added = await (await run.client()).groups.add({ name, comment: options.comment });
        run.done(added, `Group ${added.name} added. Put users in: bastion group join ${added.name} USER…`);
      }),
    );

  group
    .command('list')
    .summary('list groups')
    .action(
      action(async (run) => {
        run.list(
          await all((await run.client()).groups.list, {}),
          [
            { title: 'NAME', value: (row) => row.name },
            { title: 'MEMBERS', value: (row) => row.members.join(', '), flexible: true },
            { title: 'COMMENT', value: (row) => row.comment, flexible: true },
          ],
          'There are no groups yet. Add one: bastion group add NAME',
        );
      }),
    );

  group
    .command('show')
    .argument('<name>')
    .summary('show a group with its members')
    .action(
      action(async (run, _options, name: string) => {
        const found = await (await run.client()).groups.show({ name });
        run.details(found, [
          ['name', found.name],
          ['members', found.members.join(', ')],
          ['comment', found.comment],
          ['id', found.id],
        ]);
      }),
    );

  group
    .command('set')
    .argument('<name>')
    .summary('rename a group or change its comment')
    .option('--rename <name>', 'new name')
    .option('--comment <text>', 'a note')
    .action(
      action(async (run, options: { rename?: string; comment?: string }, name: string) => {
        requireChange(options);
        const changed = await (await run.client()).groups.set({
          name,
          rename: options.rename,
          comment: options.comment,
        });
        run.done(changed, `Group ${changed.name} changed.`);
      }),
    );

  group
    .command('remove')
    .argument('<name>')
    .summary('remove a group; permissions lose its name')
    .action(
      action(async (run, _options, name: string) => {
        run.done(await (await run.client()).groups.remove({ name }), `Group ${name} removed.`);
      }),
    );

  group
    .command('join')
    .argument('<name>')
    .argument('<users...>')
    .summary('put users into a group')
    .action(
      action(async (run, _options, name: string, users: string[]) => {
        const changed = await (await run.client()).groups.join({ name, users });
        run.done(changed, `Group ${changed.name} has ${count(changed.members.length, 'member')} now.`);
      }),
    );

  group
    .command('leave')
    .argument('<name>')
    .argument('<users...>')
    .summary('take users out of a group')
    .action(
      action(async (run, _options, name: string, users: string[]) => {
        const changed = await (await run.client()).groups.leave({ name, users });
        run.done(changed, `Group ${changed.name} has ${count(changed.members.length, 'member')} now.`);
      }),
    );
}

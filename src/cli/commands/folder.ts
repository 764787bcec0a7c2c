import type { Command } from 'commander';
import { all } from '../all.ts';
import { bothTimes } from '../output/time.ts';
import type { Declare } from '../program.ts';
import { count } from '../run.ts';

/** Where assets stand and what they are: folders, platforms, and the host keys they showed. */
export function folderCommands(program: Command, declare: Declare): void {
  treeCommands(program, declare);
  platformCommands(program, declare);
  hostKeyCommands(program, declare);
}

function treeCommands(program: Command, { action }: Declare): void {
  const folder = program
    .command('folder')
    .summary('the tree that assets stand in')
    .description('The tree that assets stand in.')
    .helpCommand(false);

  folder
    .command('list')
    .summary('list folders')
    .action(
      action(async (run) => {
        run.list(
          await (await run.client()).folders.list(),
          [
            { title: 'PATH', value: (row) => row.path, flexible: true },
            { title: 'ASSETS', value: (row) => String(row.assets), align: 'right' },
            { title: 'COMMENT', value: (row) => row.comment, flexible: true },
          ],
          'There are no folders yet. Add one: bastion folder add /prod/web',
        );
      }),
    );

  folder
    .command('add')
    .argument('<path>', 'such as /prod/web')
    .summary('add a folder and its parents')
    .option('--comment <text>', 'a note')
    .action(
      action(async (run, options: { comment?: string }, path: string) => {
        const added = await (await run.client()).folders.add({ path, comment: options.comment });
        run.done(added, `Folder ${added.path} added.`);
      }),
    );

  folder
    .command('move')
    .argument('<path>')
    .argument('<to>')
    .summary('move or rename a folder with everything below it; permissions follow')
    .action(
      action(async (run, _options, path: string, to: string) => {
        const moved = await (await run.client()).folders.move({ path, to });
        run.done(moved, `Folder ${path} is ${moved.path} now.`);
      }),
    );

  folder
    .command('remove')
    .argument('<path>')
    .summary('remove an empty folder')
    .action(
      action(async (run, _options, path: string) => {
        run.done(await (await run.client()).folders.remove({ path }), `Folder ${path} removed.`);
      }),
    );
}

function platformCommands(program: Command, { action }: Declare): void {
  const platform = program
    .command('platform')
    .summary('kinds of assets')
    .description('Kinds of assets, with what each needs (old algorithms, a text encoding).')
    .helpCommand(false);

  platform
    .command('list')
    .summary('list platforms')
    .action(
      action(async (run) => {
        run.list(
          await (await run.client()).platforms.list(),
          [
            { title: 'NAME', value: (row) => row.name },
            { title: 'KIND', value: (row) => row.kind },
            { title: 'ALGORITHMS', value: (row) => (row.legacyAlgorithms ? 'legacy' : '') },
            { title: 'CHARSET', value: (row) => row.charset ?? '' },
            { title: 'COMMENT', value: (row) => row.comment, flexible: true },
          ],
          'There are no platforms.',
        );
      }),
    );

  platform
    .command('show')
    .argument('<name>')
    .summary('show a platform')
    .action(
      action(async (run, _options, name: string) => {
        const found = await (await run.client()).platforms.show({ name });
        run.details(found, [
          ['name', found.name],
          ['kind', found.kind],
          ['algorithms', found.legacyAlgorithms ? 'legacy: old algorithms are offered to the target' : 'modern'],
          ['charset', found.charset ?? 'UTF-8'],
          ['comment', found.comment],
        ]);
      }),
    );
}

function hostKeyCommands(program: Command, { io, action }: Declare): void {
  const hostKey = program
    .command('host-key')
    .summary('host keys of assets')
    .description('Host keys of assets: pinned when first seen; a changed one is refused until it is accepted.')
    .helpCommand(false);

  hostKey
    .command('list')
    .argument('[asset]')
    .summary('list host keys, of one asset or of all')
    .action(
      action(async (run, _options, asset: string | undefined) => {
        const now = io.now();
        run.list(
          await all((await run.client()).hostKeys.list, { asset }),
          [
            { title: 'ASSET', value: (row) => row.asset, flexible: true },
            { title: 'ENDPOINT', value: (row) => row.endpoint, flexible: true },
            { title: 'STATE', value: (row) => row.state },
            { title: 'TYPE', value: (row) => row.type, optional: true },
            { title: 'FINGERPRINT', value: (row) => row.fingerprint },
            { title: 'FIRST SEEN', value: (row) => bothTimes(row.firstSeenAt, now), optional: true },
          ],
          'No host key has been seen yet; the first connection to an asset pins its key.',
        );
      }),
    );

  hostKey
    .command('accept')
    .argument('<asset>')
    .summary('trust the changed host keys of an asset')
    .description(
      'Trust the host keys an asset showed last, instead of the pinned ones. First make sure why they changed.',
    )
    .action(
      action(async (run, _options, asset: string) => {
        const answer = await (await run.client()).hostKeys.accept({ asset });
        run.done(
          answer,
          answer.accepted === 0
            ? `${asset} has no changed host key.`
            : `${count(answer.accepted, 'host key')} of ${asset} accepted.`,
        );
      }),
    );

  hostKey
    .command('forget')
    .argument('<asset>')
    .summary('forget the host keys of an asset; the next connection pins what it sees')
    .action(
      action(async (run, _options, asset: string) => {
        const answer = await (await run.client()).hostKeys.forget({ asset });
        run.done(answer, `${count(answer.forgotten, 'host key')} of ${asset} forgotten.`);
      }),
    );
}

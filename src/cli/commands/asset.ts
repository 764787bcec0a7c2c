import type { Command } from 'commander';
import type { AssetView } from '../../api/contract/assets.ts';
import { all } from '../all.ts';
import { importCsv } from '../import-csv.ts';
import type { Column } from '../output/table.ts';
import { bothTimes } from '../output/time.ts';
import { labelRecord, labels, list, type ProtocolPort, parseProtocol, requireChange, someOf } from '../parse.ts';
import type { Declare } from '../program.ts';
import type { Run } from '../run.ts';

interface AssetFields {
  address?: string;
  protocol?: ProtocolPort[];
  platform?: string;
  folder?: string;
  label?: string[];
  via?: string;
  comment?: string;
  charset?: string;
}

const CLEARABLE = ['labels', 'via', 'comment', 'charset'] as const;

export function assetCommands(program: Command, { io, action }: Declare): void {
  const asset = program
    .command('asset')
    .summary('machines and databases to log in to')
    .description('Machines and databases to log in to.')
    .helpCommand(false);

  fields(asset.command('add').argument('<name>').summary('add an asset'))
    .option('--inactive', 'nobody can use it for now')
    .action(
      action(async (run, options: AssetFields & { inactive?: boolean }, name: string) => {
        const added = await (await run.client()).assets.add({
          name,
          address: options.address ?? name,
          protocols: options.protocol,
          platform: options.platform,
          folder: options.folder,
          labels: options.label && labelRecord(options.label),
          via: options.via,
          comment: options.comment,
          charset: options.charset,
          active: options.inactive ? false : undefined,
        });
        run.done(
          added,
          `Asset ${added.name} (${added.address}) added. Give it an account: bastion account add ${added.name} LOGIN --password-stdin`,
        );
      }),
    );

  asset
    .command('list')
    .summary('list assets')
    .option('--folder <path>', 'only this folder and what is below it')
    .option('--text <text>', 'only assets whose name, address or comment holds this')
    .action(
      action(async (run, options: { folder?: string; text?: string }) => {
        const assets = await all((await run.client()).assets.list, options);
        const filtered = options.folder !== undefined || options.text !== undefined;
        run.list(
          assets,
          columns,
          filtered
            ? 'No asset is like that.'
            : 'There are no assets yet. Add one: bastion asset add web1 --address 10.0.0.5',
        );
      }),
    );

  asset
    .command('show')
    .argument('<name>')
    .summary('show an asset with its accounts')
    .action(
      action(async (run, _options, name: string) => {
        const found = await (await run.client()).assets.show({ name });
        run.details(found, [
          ...pairs(found, io.now()),
          ...found.accounts.map(
            (one) =>
              ['account', `${one.login} (${one.active ? one.secretKind : `${one.secretKind}, inactive`})`] as const,
          ),
        ]);
      }),
    );

  fields(asset.command('set').argument('<name>').summary('change an asset'))
    .description('Change an asset. --protocol and --label replace all that were there.')
    .option('--rename <name>', 'new name')
    .option('--active', 'it can be used')
    .option('--inactive', 'nobody can use it for now')
    .option('--clear <what>', 'take away: labels, via, comment, charset (comma list)', someOf(CLEARABLE))
    .action(
      action(
        async (
          run,
          options: AssetFields & {
            rename?: string;
            active?: boolean;
            inactive?: boolean;
            clear?: (typeof CLEARABLE)[number][];
          },
          name: string,
        ) => {
          requireChange(options);
          const clear = new Set(options.clear);
          const changed = await (await run.client()).assets.set({
            name,
            rename: options.rename,
            address: options.address,
            protocols: options.protocol,
            platform: options.platform,
            folder: options.folder,
            labels: clear.has('labels') ? {} : options.label && labelRecord(options.label),
            via: clear.has('via') ? null : options.via,
            comment: clear.has('comment') ? '' : options.comment,
            charset: clear.has('charset') ? null : options.charset,
            active: options.inactive ? false : options.active,
          });
          run.done(changed, `Asset ${changed.name} changed.`);
        },
      ),
    );

  asset
    .command('remove')
    .argument('<name>')
    .summary('remove an asset with its accounts; sessions and audit stay')
    .action(
      action(async (run, _options, name: string) => {
        run.done(await (await run.client()).assets.remove({ name }), `Asset ${name} removed.`);
      }),
    );

  asset
    .command('test')
    .argument('<name>')
    .summary('see whether an asset can be reached, without logging in')
    .action(
      action(async (run, _options, name: string) => {
        testResult(run, await (await run.client()).assets.test({ name }));
      }),
    );

  asset
    .command('import')
    .argument('<file>', 'CSV file, "-" for standard input')
    .summary('add the assets of a CSV file, all or none')
    .description(
      'Add the assets of a CSV file, all or none. The first line names the columns: name and address, and any of\n' +
        'protocols (ssh:22 telnet), platform, folder, labels (env=prod team=web), via, comment, charset, active, login.\n' +
        'login adds an account of that name without a secret.',
    )
    .option('--dry-run', 'check everything, change nothing')
    .action(
      action(async (run, options: { dryRun?: boolean }, file: string) => {
        await importCsv(run, file, options.dryRun === true);
      }),
    );
}

/** Tells how a test connection went; a failed one makes the exit code 1. */
export function testResult(run: Run, result: { ok: boolean; message: string; milliseconds: number }): void {
  if (!result.ok) run.exitCode = 1;
  run.done(result, `${result.ok ? 'ok' : 'failed'}: ${result.message} (${Math.round(result.milliseconds)} ms)`);
}

function fields(command: Command): Command {
  return command
    .option('--address <host>', 'host name, IPv4 or IPv6 (default for a new asset: its name)')
    .option(
      '--protocol <protocol[:port]>',
      'ssh, ssh:2222, … (repeatable, comma list; default ssh)',
      (value, previous: ProtocolPort[] | undefined) => [
        ...(previous ?? []),
        ...list(value, undefined).map(parseProtocol),
      ],
    )
    .option('--platform <name>', 'see "bastion platform list" (default linux)')
    .option('--folder <path>', 'place in the tree, such as /prod/web')
    .option('--label <key=value>', 'label (repeatable, comma list)', labels)
    .option('--via <asset>', 'reach it through the SSH server of this asset')
    .option('--charset <name>', 'text encoding of an old target, such as GBK')
    .option('--comment <text>', 'a note');
}

const protocolsText = (asset: AssetView) =>
  asset.protocols.map(({ name, port }) => (port === 0 ? name : `${name}:${port}`)).join(' ');
const labelsText = (asset: AssetView) =>
  Object.entries(asset.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

const columns: Column<AssetView>[] = [
  { title: 'NAME', value: (asset) => asset.name },
  { title: 'ADDRESS', value: (asset) => asset.address, flexible: true },
  { title: 'PROTOCOLS', value: protocolsText },
  { title: 'PLATFORM', value: (asset) => asset.platform },
  { title: 'FOLDER', value: (asset) => asset.folder, flexible: true },
  { title: 'LABELS', value: labelsText, flexible: true },
  { title: 'VIA', value: (asset) => asset.via ?? '' },
  { title: 'STATE', value: (asset) => (asset.active ? '' : 'inactive') },
  { title: 'COMMENT', value: (asset) => asset.comment, flexible: true },
];

function pairs(asset: AssetView, now: number): [string, string][] {
  return [
    ['name', asset.name],
    ['address', asset.address],
    ['protocols', protocolsText(asset)],
    ['platform', asset.platform],
    ['folder', asset.folder],
    ['labels', labelsText(asset)],
    ['via', asset.via ?? ''],
    ['charset', asset.charset ?? ''],
    ['state', asset.active ? 'active' : 'inactive'],
    ['comment', asset.comment],
    ['added', bothTimes(asset.createdAt, now)],
    ['id', asset.id],
  ];
}

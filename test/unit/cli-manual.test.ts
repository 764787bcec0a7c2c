import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processIo } from '../../src/cli/io.ts';
import { manualPage } from '../../src/cli/manual.ts';
import { everyCommand, outline } from '../../src/cli/outline.ts';
import { createProgram } from '../../src/cli/program.ts';
import { backendWith } from './cli-backend.ts';
import { tempDir } from './store-kit.ts';

const nobody = async () => Promise.reject(new Error('nobody calls'));
const root = outline(createProgram(processIo(), backendWith(nobody, '')).command);
/** What a person has to know; a word more here says that no name, file or list of words stands behind it. */
const FREE =
  'action address command date factor fingerprint host host:port key key=value line login n name number pid protocol[:port] regex seconds text time to token'.split(
    ' ',
  );
const page = manualPage(root, { now: () => 0, env: {} });

test('the page is what mandoc and man take without a warning', () => {
  const file = join(tempDir(), 'bastion.1');
  writeFileSync(file, page);
  const lint = spawnSync('mandoc', ['-Tlint', '-Wwarning', file], { encoding: 'utf8' });
  expect({ status: lint.status, out: lint.stdout }).toEqual({ status: 0, out: '' });
  const man = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', file], {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '80' },
  });
  expect({ status: man.status, err: man.stderr }).toEqual({ status: 0, err: '' });
  // read back as a person reads it: without overstrikes
  const text = man.stdout.replace(/.\x08/g, '');
  for (const { path, commands } of everyCommand(root)) {
    if (commands.length === 0) expect(text).toContain(`bastion ${path.join(' ')}`);
  }
  expect(text).toContain('BASTION_SESSION__IDLE_TIMEOUT');
  expect(text).toContain('--password-stdin');
});

test('its day can be set, so that two builds of a package are the same', () => {
  expect(page).toContain('.Dd January 1, 1970\n');
  expect(manualPage(root, { now: () => 0, env: { SOURCE_DATE_EPOCH: '86400' } })).toContain('.Dd January 2, 1970\n');
});

test('every argument and value is known for what it is, or one that nobody can complete', () => {
  const free = everyCommand(root).flatMap((command) =>
    [...command.args, ...command.options.flatMap(({ value }) => value ?? [])]
      .filter(({ value }) => value.kind === 'text')
      .map(({ name }) => name),
  );
  expect([...new Set(free)].sort()).toEqual(FREE);
});

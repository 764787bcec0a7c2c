import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { configExample, configKeys, configReference } from '../../src/config/reference.ts';
import { parseDuration, parseListen, parseSize } from '../../src/config/schema.ts';
import { showConfig, showSettings } from '../../src/config/show.ts';

const dir = mkdtempSync(join(tmpdir(), 'bastion-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
function file(text: string): string {
  const path = join(dir, `${Math.random().toString(36).slice(2)}.yml`);
  writeFileSync(path, text);
  return path;
}
const load = (text: string, env: NodeJS.ProcessEnv = {}) => loadConfig({ file: file(text), env }).config;

describe('configuration', () => {
  it('stands on its defaults', () => {
    const { config } = loadConfig({ file: file(''), env: {} });
    expect(config.ssh.listen).toEqual([{ host: '0.0.0.0', port: 2222 }]);
    expect(config.http.listen).toEqual([{ host: '127.0.0.1', port: 8080 }]);
    expect(config.session.idle_timeout).toBe(30 * 60_000);
    expect(config.session.recording_limit).toBe(2 ** 30);
    expect(Object.isFrozen(config.session)).toBe(true);
  });

  it('takes one address or a list', () => {
    expect(load('ssh: { listen: ":22" }').ssh.listen).toEqual([{ host: undefined, port: 22 }]);
    expect(load('ssh:\n  listen: ["[::1]:2222", "127.0.0.1:2223"]').ssh.listen).toEqual([
      { host: '::1', port: 2222 },
      { host: '127.0.0.1', port: 2223 },
    ]);
  });

  it.each([
    ['ssh:\n  listn: ":22"', /:2: unknown key "ssh\.listn"/],
    ['data: ./x\nnonsense: 1', /:2: unknown key "nonsense"/],
    ['session:\n  max_time: 1h\n  idle_timeout: soon', /:3: session\.idle_timeout: "soon" is not a duration/],
    ['session: { disk_reserve: lots }', /:1: session\.disk_reserve: "lots" is not a size/],
    ['ssh:\n  listen: 22', /:2: ssh\.listen/],
    ['auth:\n  totp: maybe', /:2: auth\.totp/],
    ['auth:\n  web_session: { idle: 59s }', /:2: auth\.web_session\.idle: must be at least 1m/],
    ['auth:\n  web_session: { max: 0s }', /:2: auth\.web_session\.max: must be at least 1m/],
    ['a: [1', /:1: /],
    ['- a', /:1: expected/],
  ])('refuses %j with file and line', (text, message) => {
    expect(() => load(text)).toThrow(message);
  });

  it('takes every key from the environment, and says where a wrong one came from', () => {
    expect(load('', { BASTION_SSH__LISTEN: ':2022', BASTION_AUTH__LOCKOUT__TRIES: '3' })).toMatchObject({
      ssh: { listen: [{ host: undefined, port: 2022 }] },
      auth: { lockout: { tries: 3 } },
    });
    expect(() => load('', { BASTION_SSH__LISTN: ':1' })).toThrow(
      /environment BASTION_SSH__LISTN: unknown key "ssh\.listn"/,
    );
  });

  it('lets --data win', () => {
    expect(loadConfig({ file: file('data: ./a'), data: '/b', env: { BASTION_DATA: '/c' } }).config.data).toBe('/b');
  });

  it('names a missing file', () => {
    expect(() => loadConfig({ file: join(dir, 'none.yml'), env: {} })).toThrow(/no such configuration file/);
  });

  it('shows itself in a form it reads back', () => {
    const config = load('session: { idle_timeout: 90s, disk_reserve: 1500 }\nssh: { listen: [":22", "[::1]:23"] }');
    const values = showConfig(config);
    expect(values).toMatchObject({ session: { idle_timeout: '90s', max_time: '1d', disk_reserve: '1500B' } });
    expect(load(stringify(values))).toEqual(config);
  });

  it('reads units', () => {
    expect(parseDuration('1h30m')).toBe(5_400_000);
    expect(parseDuration('5')).toBeUndefined();
    expect(parseSize('16MiB')).toBe(16 * 2 ** 20);
    expect(parseSize('1 GB')).toBe(1e9);
    expect(parseListen('[::1]:80')).toEqual({ host: '::1', port: 80 });
    expect(parseListen('host')).toBeUndefined();
    expect(parseListen(':70000')).toBeUndefined();
  });
});

describe('what is made from the schema', () => {
  const root = join(import.meta.dirname, '../..');
  const again = 'run "node scripts/config-reference.mjs"';

  it('config.example.yml is up to date, and holds every key with its default', () => {
    const example = join(root, 'config.example.yml');
    expect(readFileSync(example, 'utf8'), again).toBe(configExample());
    expect(loadConfig({ file: example, env: {} }).config).toEqual(loadConfig({ file: file(''), env: {} }).config);
  });

  it('the reference is up to date', () => {
    expect(readFileSync(join(root, 'docs/CONFIGURATION.md'), 'utf8'), again).toContain(configReference());
  });

  it('every key is told by the name under which the environment sets it', () => {
    const shown = showSettings(loadConfig({ file: file(''), env: {} }).config);
    expect(configKeys().map(({ path, env }) => [path.join('.'), env])).toEqual(shown.map(({ key, env }) => [key, env]));
    const env = Object.fromEntries(configKeys().map((key) => [key.env, key.usual]));
    expect(loadConfig({ file: file(''), env }).config).toEqual(loadConfig({ file: file(''), env: {} }).config);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { AppError } from '../kernel/errors.ts';
import { issueWords } from '../kernel/issue-words.ts';
import { type Config, configSchema } from './schema.ts';

const ENV_PREFIX = 'BASTION_';
/** Environment names with the prefix that are not configuration keys. */
const ENV_NOT_KEYS = new Set(['BASTION_CONFIG']);

export interface ConfigSource {
  /** `--config FILE`. */
  readonly file?: string | undefined;
  /** `--data DIR`, wins over file and environment. */
  readonly data?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, null when there is none and the defaults stand. */
  readonly file: string | null;
}

/**
 * The configuration from file, environment and flags, strict and frozen. The file is `--config`, else
 * `BASTION_CONFIG`, else `./config.yml`, else `/etc/bastion/config.yml`, else none.
 * @throws AppError `config`, one line per mistake with file and line.
 */
export function loadConfig(source: ConfigSource = {}): LoadedConfig {
  const env = source.env ?? process.env;
  const file = findFile(source.file ?? env.BASTION_CONFIG);
  const lines = new LineCounter();
  const document = file === null ? null : readDocument(file, lines);
  const values = (document?.toJS() ?? {}) as Record<string, unknown>;
  const origins = overlayEnvironment(values, env);
  if (source.data !== undefined) values.data = source.data;

  const result = configSchema.safeParse(values);
  if (!result.success) {
    const where = (path: readonly PropertyKey[]) =>
      origins.get(path.join('.')) ?? (document && file ? `${file}:${lineOf(document, lines, path)}` : 'configuration');
    throw new AppError('config', result.error.issues.flatMap((issue) => describe(issue, where)).join('\n'));
  }
  return { config: deepFreeze(result.data), file };
}

function findFile(named: string | undefined): string | null {
  if (named !== undefined) {
    if (!existsSync(named)) throw new AppError('config', `${named}: no such configuration file`);
    return named;
  }
  return ['./config.yml', '/etc/bastion/config.yml'].find((path) => existsSync(path)) ?? null;
}

function readDocument(file: string, lines: LineCounter): Document {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('config', `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) throw new AppError('config', `${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new AppError('config', `${file}:1: expected "key: value" lines at the top level`);
  }
  return document;
}

/** `ssh.listen` → `BASTION_SSH__LISTEN`. */
export function environmentName(path: readonly string[]): string {
  return `${ENV_PREFIX}${path.join('__').toUpperCase()}`;
}

/** `BASTION_SSH__LISTEN=:22` stands for `ssh: { listen: ":22" }`; values are read as YAML. Returns where each path came from. */
function overlayEnvironment(values: Record<string, unknown>, env: NodeJS.ProcessEnv): Map<string, string> {
  const origins = new Map<string, string>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || ENV_NOT_KEYS.has(name) || text === undefined) continue;
    const path = name.slice(ENV_PREFIX.length).toLowerCase().split('__');
    let at = values;
    for (const key of path.slice(0, -1)) {
      if (typeof at[key] !== 'object' || at[key] === null) at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1)!] = environmentValue(text);
    for (let depth = 1; depth <= path.length; depth++)
      origins.set(path.slice(0, depth).join('.'), `environment ${name}`);
  }
  return origins;
}

/** Lists, maps, numbers, booleans and what stands in quotes as YAML; everything else, `:2222` among it, is the text itself. */
function environmentValue(text: string): unknown {
  if (/^(true|false|null|-?\d+|[[{"'].*)$/s.test(text.trim())) {
    try {
      return parseYaml(text);
    } catch {
      return text;
    }
  }
  return text;
}

function describe(issue: z.core.$ZodIssue, where: (path: readonly PropertyKey[]) => string): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return `${where(path)}: unknown key "${path.join('.')}"; "bastion config example" lists every key`;
    });
  }
  if (issue.code === 'invalid_union') {
    // The branch that got furthest explains best
    const inner =
      issue.errors.flat().find((e) => e.code === 'custom' || e.code === 'unrecognized_keys') ?? issue.errors.flat()[0];
    if (inner) return describe({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, where);
  }
  return [`${where(issue.path)}: ${issue.path.join('.')}: ${issueWords(issue)}`];
}

/** The line of the deepest node of the path that the file holds. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path[depth - 1]);
    if (pair && isNode(pair.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
  }
  return 1;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

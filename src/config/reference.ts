import { stringify } from 'yaml';
import { z } from 'zod';
import { environmentName } from './load.ts';
import { configSchema } from './schema.ts';

/** What the schema library tells of one key. */
interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly default?: unknown;
  readonly description?: string;
  readonly takes?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: Described;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One key that can be set, as people write and read about it. */
export interface ConfigKey {
  readonly path: readonly string[];
  readonly env: string;
  /** As it stands in a file. */
  readonly usual: string;
  /** `a duration`, `one of …`, `a number from 8 to 128` */
  readonly takes: string;
  readonly about: string;
}

/** Every key in the order of the schema. */
export function configKeys(): ConfigKey[] {
  return keysOf(z.toJSONSchema(configSchema, { io: 'input' }) as Described, []);
}

function keysOf({ properties = {} }: Described, above: readonly string[]): ConfigKey[] {
  return Object.entries(properties).flatMap(([name, key]) => {
    const path = [...above, name];
    if (key.properties) return keysOf(key, path);
    const { description: about } = key;
    if (about === undefined || key.default === undefined)
      throw new Error(`${path.join('.')} has no description or no default`);
    return [{ path, env: environmentName(path), usual: asYaml(key.default), takes: takesOf(key), about }];
  });
}

function takesOf(key: Described): string {
  if (key.takes !== undefined) return key.takes;
  if (key.enum) return `one of ${key.enum.map((value) => `\`${value}\``).join(', ')}`;
  if (key.type === 'boolean') return '`true` or `false`';
  if (key.type === 'array') return 'a list of texts';
  if (key.type !== 'integer') return 'a text';
  const { minimum = 1, maximum = Number.MAX_SAFE_INTEGER } = key;
  return maximum === Number.MAX_SAFE_INTEGER ? `a number from ${minimum} up` : `a number from ${minimum} to ${maximum}`;
}

function asYaml(value: unknown): string {
  // what YAML 1.1 would take for true or false is quoted for whoever reads the file with such a parser
  if (value === 'on' || value === 'off') return `"${value}"`;
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}

const HEAD = `# Every key of Bastion's configuration, with the value it has when you leave it out.
# Read from --config FILE, else $BASTION_CONFIG, else ./config.yml, else /etc/bastion/config.yml.
# Unknown keys are errors. Each key is also an environment variable: ssh.listen is BASTION_SSH__LISTEN.
# Durations: 30s, 15m, 12h, 180d. Sizes: 512MiB, 1GB.
`;

/** A configuration file that holds every key with its default. */
export function configExample(): string {
  let text = HEAD;
  let open: readonly string[] = [];
  for (const { path, usual, takes, about } of configKeys()) {
    const above = path.slice(0, -1);
    if (above.length === 0 || above[0] !== open[0]) text += '\n';
    for (const [depth, name] of above.entries())
      if (above.slice(0, depth + 1).join('.') !== open.slice(0, depth + 1).join('.'))
        text += `${'  '.repeat(depth)}${name}:\n`;
    open = above;
    const indent = '  '.repeat(above.length);
    const comment = isEvident(takes, about) ? about : `${about} Takes: ${takes.replaceAll('`', '')}.`;
    text += `${wrapped(comment, 118 - indent.length)
      .map((line) => `${indent}# ${line}\n`)
      .join('')}${indent}${path.at(-1)}: ${usual}\n`;
  }
  return text;
}

/** Whether the default, or what is said, shows already what the key takes. */
function isEvident(takes: string, about: string): boolean {
  const choices = /^one of (.*)$/.exec(takes)?.[1]?.replaceAll('`', '').split(', ');
  if (choices) return choices.every((choice) => about.includes(choice));
  return /^(?:a duration|a size|a text|a list of texts|a number from 1 up|a directory|`true` or `false`)$/.test(takes);
}

/** The same as Markdown, a heading for each section and each key. */
export function configReference(): string {
  let text = '';
  let section: string | undefined;
  for (const { path, env, usual, takes, about } of configKeys()) {
    const at = path.length === 1 ? 'general' : path[0]!;
    if (at !== section) text += `${section === undefined ? '' : '\n'}## ${at}\n`;
    section = at;
    text += `\n### \`${path.join('.')}\`\n\n${about.replaceAll('*', '\\*')}\n\n`;
    text += `Default \`${usual}\`; takes ${takes}. In the environment: \`${env}\`.\n`;
  }
  return text;
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

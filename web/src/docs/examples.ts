import type { Operation, Schema } from './document.ts';

/** What stands for a field in an example, so that it reads like something one would do. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  account: 'root',
  address: '10.0.0.5',
  asset: 'web1',
  code: '123456',
  fingerprint: 'SHA256:…',
  folder: '/prod',
  from: '/tmp/a',
  id: '01k8h4qj5n9w7c2v6x0y3zabcd',
  key: 'ssh-ed25519 AAAA… laptop',
  keys: [],
  line: 'rm -rf /',
  login: 'root',
  minutes: 60,
  name: 'web1',
  part: '0',
  path: '/tmp/report.txt',
  text: 'web',
  to: '/tmp/b',
  user: 'alice',
  users: ['alice'],
};
const NAMES: Readonly<Record<string, string>> = {
  users: 'alice',
  keys: 'alice',
  totp: 'alice',
  sshConfig: 'alice',
  groups: 'ops',
  permissions: 'ops-web',
  filters: 'no-reboot',
  platforms: 'linux',
  authorities: 'staff',
  signIn: 'alice',
};

type Values = Record<string, unknown>;

/** What the call needs at least, by where it goes. */
function needed(operation: Operation): { path: Values; query: Values; body: Values } {
  const sample = (name: string, schema: Schema) =>
    name === 'name' ? (NAMES[operation.resource] ?? SAMPLES.name) : (SAMPLES[name] ?? sampleOf(schema));
  const of = (place: 'path' | 'query') =>
    Object.fromEntries(
      operation.parameters
        .filter((one) => one.in === place && one.required)
        .map((one) => [one.name, sample(one.name, one.schema)]),
    );
  const { properties = {}, required = [] } = operation.body ?? {};
  // an edit of nothing would teach nothing
  const some = operation.method === 'PATCH' && required.length === 0 ? [one(properties)] : required;
  const body = Object.fromEntries(some.map((name) => [name, sample(name, properties[name] ?? {})]));
  return { path: of('path'), query: of('query'), body };
}

/** A field to change in an example. */
function one(properties: Readonly<Record<string, Schema>>): string {
  const names = Object.keys(properties);
  return names.find((name) => name === 'comment') ?? names.find((name) => name !== 'rename') ?? 'comment';
}

function sampleOf({ enum: values, type, anyOf, oneOf, const: only }: Schema): unknown {
  if (only !== undefined) return only;
  if (values) return values[0];
  const choice = (anyOf ?? oneOf)?.[0];
  if (choice) return sampleOf(choice);
  switch ([type ?? []].flat()[0]) {
    case 'array':
      return [];
    case 'object':
      return {};
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    default:
      return '…';
  }
}

/** The call as a line for a shell; the token stands in `$TOKEN`. */
export function curlExample(operation: Operation, origin: string, base: string): string {
  const { path, query, body } = needed(operation);
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  const parts = ['curl'];
  if (operation.answer.type === 'application/octet-stream') parts.push('-OJ');
  if (operation.answer.type === 'application/x-ndjson') parts.push('-N');
  if (operation.method !== 'GET') parts.push(`-X ${operation.method}`);
  if (operation.needs !== 'public') parts.push('-H "Authorization: Bearer $TOKEN"');
  if (operation.body) parts.push(`-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`);
  if (operation.upload) parts.push('--data-binary @report.txt');
  parts.push(`'${origin}${base}${filled}${asked && `?${asked}`}'`);
  return parts.join(' \\\n  ');
}

/** The same with `bastion/sdk`. */
export function sdkExample(operation: Operation): string {
  const { path, query, body } = needed(operation);
  const values = { ...path, ...query, ...body };
  const written = Object.entries(values).map(([name, value]) => `${name}: ${literal(value)}`);
  if (operation.upload) written.push('content: new Blob([bytes])');
  const args = written.length === 0 ? '' : `{ ${written.join(', ')} }`;
  const call = `bastion.${operation.id}`;
  switch (operation.answer.type) {
    case 'application/x-ndjson':
      return `for await (const row of ${call}(${args || '{}'})) console.log(row);`;
    case 'application/octet-stream':
    case 'text/plain':
      return `for await (const chunk of ${call}(${args || '{}'})) process.stdout.write(chunk);`;
    default:
      return isPaged(operation)
        ? `for await (const { items } of pages(${call}, ${args || '{}'})) console.log(items);`
        : `const answer = await ${call}(${args});`;
  }
}

function literal(value: unknown): string {
  return JSON.stringify(value)
    .replace(/^"(.*)"$/s, "'$1'")
    .replaceAll('"', "'");
}

function isPaged({ parameters, answer }: Operation): boolean {
  return answer.schema.properties?.items !== undefined && parameters.some(({ name }) => name === 'after');
}

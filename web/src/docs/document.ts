import { queryOptions } from '@tanstack/react-query';
import { api } from '../kit/api.ts';

/** As much of JSON Schema as the document has. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** One call, with where it stands. */
export interface Operation {
  /** `users.list` */
  readonly id: string;
  readonly resource: string;
  readonly method: string;
  /** `/users/{name}`, from the server's address of the API on. */
  readonly path: string;
  readonly summary: string;
  readonly needs: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly upload: boolean;
  readonly answer: { readonly type: string; readonly schema: Schema };
}

export interface Reference {
  /** `/api/v1` */
  readonly base: string;
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly errorCodes: readonly { readonly code: string; readonly status: number }[];
}

interface RawOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly 'x-needs': string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: { readonly 200: { readonly content: Content } };
}
interface RawDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly 'x-error-codes': Reference['errorCodes'];
}

/** The reference as the daemon has it, which is that of its own version. */
export const reference = queryOptions({
  queryKey: ['openapi'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => read((await api.system.openapi()) as unknown as RawDocument),
});

function read(document: RawDocument): Reference {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => operation(path, method, raw)),
  );
  return {
    base: document.servers[0]?.url ?? '',
    operations,
    schemas: document.components.schemas,
    errorCodes: document['x-error-codes'],
  };
}

function operation(path: string, method: string, raw: RawOperation): Operation {
  const body = raw.requestBody?.content;
  const [type = '', answer = { schema: {} }] = Object.entries(raw.responses[200].content)[0] ?? [];
  return {
    id: raw.operationId,
    resource: raw.tags[0] ?? '',
    method: method.toUpperCase(),
    path,
    summary: raw.summary,
    needs: raw['x-needs'],
    parameters: raw.parameters ?? [],
    body: body?.['application/json']?.schema,
    upload: body !== undefined && 'application/octet-stream' in body,
    answer: { type, schema: answer.schema },
  };
}

/** Whether an operation is what somebody looks for: every word stands somewhere in its name, path or summary. */
export function fits({ id, path, summary, method }: Operation, text: string): boolean {
  const all = `${id} ${method} ${path} ${summary}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

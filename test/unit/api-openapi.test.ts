import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorCode } from '../../src/api/contract/common.ts';
import { API_PREFIX, paramNames } from '../../src/api/contract/route.ts';
import { allRoutes } from '../../src/api/contract/routes.ts';
import { openApi } from '../../src/api/openapi.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: object;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { schema: object }> };
  readonly responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }>;
}
const document = openApi() as unknown as {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  tags: { name: string }[];
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; responses: object; securitySchemes: object };
  'x-error-codes': { code: string; status: number }[];
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operationOf = (id: string) => operations.find(({ operation }) => operation.operationId === id)!.operation;

/** Every object in the document with where it stands. */
function* walk(value: unknown, at = '#'): Generator<{ at: string; node: Record<string, unknown> }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { at, node: value as Record<string, unknown> };
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, `${at}/${key}`);
}

describe('the OpenAPI document', () => {
  it('has what OpenAPI 3.1 asks for', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Bastion', version: '1' });
    expect(document.servers).toEqual([{ url: API_PREFIX }]);
    expect(Object.keys(document.paths).every((path) => path.startsWith('/'))).toBe(true);
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[a-zA-Z0-9.\-_]+$/);
    // JSON: nothing in it is lost on the way
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('holds every call there is, once, and no other', () => {
    const told = operations.map(({ path, method, operation }) => `${operation.operationId} ${method} ${path}`);
    const there = allRoutes().map(
      ({ resource, name, spec }) =>
        `${resource}.${name} ${spec.method.toLowerCase()} ${spec.path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(told.sort()).toEqual(there.sort());
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it.each(operations.map(({ path, method, operation }) => [operation.operationId, path, method, operation] as const))(
    '%s',
    (_, path, method, operation) => {
      expect(operation.summary).not.toBe('');
      const parameters = operation.parameters ?? [];
      const inPath = parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(paramNames(path.replace(/\{(\w+)\}/g, ':$1')));
      expect(inPath.every(({ required }) => required)).toBe(true);
      expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
      for (const { name, schema } of parameters) expect([name, JSON.stringify(schema)]).not.toEqual([name, '{}']);
      expect(operation.tags.every((tag) => document.tags.some(({ name }) => name === tag))).toBe(true);
      if (method === 'get' || method === 'delete') expect(operation.requestBody).toBeUndefined();
      expect(Object.keys(operation.responses)).toEqual(['200', 'default']);
      expect(Object.keys(operation.responses['200']!.content!)).toHaveLength(1);
    },
  );

  it('has schemas that can be used, and references that lead somewhere', () => {
    const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
    for (const { at, node } of walk(document)) {
      if (typeof node.$ref === 'string') {
        const found = node.$ref
          .slice(2)
          .split('/')
          .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document);
        expect([at, typeof found]).toEqual([at, 'object']);
      }
      if (!/\/schemas?(\/|$)/.test(at)) continue;
      // a property may be called "type", too
      const type = typeof node.type === 'object' && !Array.isArray(node.type) ? [] : [node.type ?? []].flat();
      expect([at, type.filter((one) => !types.includes(one as string))]).toEqual([at, []]);
      if (Array.isArray(node.required))
        expect([at, Object.keys(node.properties as object)]).toEqual([at, expect.arrayContaining(node.required)]);
    }
    const named = new Set([...walk(document)].map(({ node }) => node.$ref));
    for (const name of Object.keys(document.components.schemas))
      expect(named).toContain(`#/components/schemas/${name}`);
  });

  it('says which calls need nobody to be signed in, and how the others are', () => {
    const open = operations.filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ operation }) => operation.operationId).sort()).toEqual(
      allRoutes()
        .filter(({ spec }) => spec.needs === 'public')
        .map(({ resource, name }) => `${resource}.${name}`)
        .sort(),
    );
    for (const one of document.security)
      expect(Object.keys(document.components.securitySchemes)).toEqual(expect.arrayContaining(Object.keys(one)));
  });

  it('tells streams, uploads and the codes of errors', () => {
    const content = (id: string) => Object.keys(operationOf(id).responses['200']!.content!);
    expect(content('sessions.watch')).toEqual(['application/x-ndjson']);
    expect(content('sessions.recording')).toEqual(['text/plain']);
    expect(content('files.download')).toEqual(['application/octet-stream']);
    expect(Object.keys(operationOf('files.upload').requestBody!.content)).toEqual(['application/octet-stream']);
    expect(operationOf('files.upload').parameters!.map(({ name }) => name)).toEqual(['id', 'path', 'offset', 'fresh']);
    expect(document['x-error-codes'].map(({ code }) => code).sort()).toEqual([...errorCode.options].sort());
  });
});

describe('what it says of answers', () => {
  let house: ApiHouse;
  beforeAll(async () => {
    house = await openApiHouse();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('is what comes, to anybody who asks', async () => {
    const response = await fetch(`${house.url}${API_PREFIX}/openapi.json`);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
    expect(await house.client(undefined).system.openapi()).toMatchObject({ openapi: document.openapi });
  });

  it('holds for real answers', async () => {
    const { owner } = house;
    await owner.users.add({ name: 'alice' });
    await owner.assets.add({ name: 'web1', address: '192.0.2.1' });
    await owner.permissions.add({ name: 'p', users: ['alice'], assets: ['web1'], accounts: ['@all'] });
    const answers = {
      'users.list': await owner.users.list(),
      'assets.show': await owner.assets.show({ name: 'web1' }),
      'permissions.list': await owner.permissions.list(),
      'audit.list': await owner.audit.list(),
      'statistics.show': await owner.statistics.show(),
      'system.me': await owner.system.me(),
    };
    for (const [id, answer] of Object.entries(answers)) {
      const { schema } = operationOf(id).responses['200']!.content!['application/json']!;
      const whole = { ...schema, $defs: document.components.schemas };
      const read = z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')));
      expect([id, read.safeParse(answer).error]).toEqual([id, undefined]);
      expect([id, read.safeParse({ items: 'none' }).success]).toEqual([id, false]);
    }
  });
});

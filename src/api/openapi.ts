import { z } from 'zod';
import { ERROR_CODES } from '../kernel/errors.ts';
import { errorBody } from './contract/common.ts';
import { API_PREFIX, paramNames, type RouteSpec } from './contract/route.ts';
import { allRoutes, type NamedRoute, routes } from './contract/routes.ts';
import { CSRF_HEADER } from './contract/ws-limits.ts';

type Json = Readonly<Record<string, unknown>>;

/** What comes in many answers has a name of its own. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  Account: routes.accounts.add.response,
  Asset: routes.assets.add.response,
  AuditRow: routes.audit.list.response.shape.items.element,
  Authority: routes.authorities.add.response,
  Command: routes.commands.list.response.shape.items.element,
  Error: errorBody,
  FileEntry: routes.files.show.response,
  Filter: routes.filters.show.response,
  Folder: routes.folders.add.response,
  Group: routes.groups.show.response,
  HostKey: routes.hostKeys.list.response.shape.items.element,
  Link: routes.users.invite.response,
  OutputHit: routes.search.output.response.shape.items.element,
  Permission: routes.permissions.show.response,
  Platform: routes.platforms.show.response,
  Reachable: routes.me.assets.response.element,
  Review: routes.reviews.show.response,
  Session: routes.sessions.show.response,
  Share: routes.shares.list.response.element,
  Token: routes.tokens.add.response.shape.token,
  Transfer: routes.transfers.list.response.shape.items.element,
  User: routes.users.disable.response,
  UserKey: routes.keys.add.response,
  WebSession: routes.signIns.list.response.element,
};
const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });

const ABOUT = `The API of Bastion. Everything its pages and its command line do is one of these calls.

Send an API token as \`Authorization: Bearer TOKEN\`. Every answer that is not 200 has the body of \`Error\`: \`code\` is one of a fixed list, \`message\` is a sentence that says what to do next.
Lists come in pages: pass \`next\` as \`after\` for the following one. An edit that sends the \`version\` it was made from is refused with \`conflict\` when somebody else was faster.`;

/** The whole API as an OpenAPI 3.1 document, made from the contract that server and clients share. */
export function openApi(): Json {
  const schemas: Record<string, unknown> = {};
  const asJson = (schema: z.ZodType, io: 'input' | 'output') => jsonSchema(schema, io, schemas);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of allRoutes()) {
    const path = route.spec.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.spec.method.toLowerCase()]: operation(route, asJson) };
  }
  asJson(errorBody, 'output');
  return {
    openapi: '3.1.1',
    info: { title: 'Bastion', version: '1', summary: 'The API of a jump server.', description: ABOUT },
    servers: [{ url: API_PREFIX }],
    tags: Object.keys(routes).map((name) => ({ name })),
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      responses: {
        Error: {
          description: 'What went wrong, and what to do next.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token, from the profile page or "bastion token add USER".',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'bastion_session',
          description: `The cookie of a browser that is signed in (__Host-bastion_session under TLS). What changes something needs the header "${CSRF_HEADER}: 1" too.`,
        },
      },
    },
    'x-error-codes': Object.entries(ERROR_CODES).map(([code, { status }]) => ({ code, status })),
  };
}

function operation(
  { resource, name, spec }: NamedRoute,
  asJson: (schema: z.ZodType, io: 'input' | 'output') => Json,
): Json {
  return {
    operationId: `${resource}.${name}`,
    tags: [resource],
    summary: spec.summary,
    ...(spec.needs === 'public' && { security: [] }),
    'x-needs': spec.needs,
    ...((paramNames(spec.path).length > 0 || spec.query) && { parameters: parameters(spec, asJson) }),
    ...requestBody(spec, asJson),
    responses: {
      200: { description: answerText(spec), content: answer(spec, asJson) },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function parameters(spec: RouteSpec, asJson: (schema: z.ZodType, io: 'input' | 'output') => Json): Json[] {
  const inPath = paramNames(spec.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 512 },
  }));
  const inQuery = Object.entries(spec.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: queryValue(schema as z.ZodType, asJson),
  }));
  return [...inPath, ...inQuery];
}

/** A query holds texts, which the schema turns into what it means: that is what is told, where it can be. */
function queryValue(schema: z.ZodType, asJson: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const meant = asJson(schema, 'output');
  const { default: _, ...told } = meant;
  const known = Object.keys(told).length > 0 && !JSON.stringify(told).includes('{}');
  return known ? meant : asJson(schema, 'input');
}

function requestBody(spec: RouteSpec, asJson: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  if (spec.upload) {
    const content = { 'application/octet-stream': { schema: {} } };
    return { requestBody: { required: true, description: 'The bytes of the file.', content } };
  }
  if (!spec.body) return {};
  const required = !spec.body.safeParse({}).success;
  return { requestBody: { required, content: { 'application/json': { schema: asJson(spec.body, 'input') } } } };
}

function answer(spec: RouteSpec, asJson: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  if (spec.stream === 'bytes') return { 'application/octet-stream': { schema: {} } };
  if (spec.stream === 'text') return { 'text/plain': { schema: { type: 'string' } } };
  const schema = asJson(spec.response, 'output');
  return spec.stream === 'ndjson' ? { 'application/x-ndjson': { schema } } : { 'application/json': { schema } };
}

function answerText({ stream }: RouteSpec): string {
  switch (stream) {
    case 'bytes':
      return 'The bytes of the file, as an attachment.';
    case 'text':
      return 'The text as it comes.';
    case 'ndjson':
      return 'One JSON object a line, as it comes; the schema is that of a line.';
    default:
      return 'Done.';
  }
}

const REF = '#/components/schemas/';

/** A schema as JSON Schema 2020-12; what has a name goes into `schemas` and is referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, unknown>): Json {
  const {
    $schema: _,
    $defs,
    ...made
  } = z.toJSONSchema(schema, {
    io,
    metadata: names,
    unrepresentable: 'any',
    override: ({ jsonSchema: one }) => {
      delete one.id;
      // a format says it shorter, and these bounds are those of every number
      if (one.format !== undefined) delete one.pattern;
      if (one.maximum === Number.MAX_SAFE_INTEGER) delete one.maximum;
      if (one.minimum === Number.MIN_SAFE_INTEGER) delete one.minimum;
      // answers may grow
      if (io === 'output' && one.additionalProperties === false) delete one.additionalProperties;
    },
  }) as Record<string, unknown>;
  for (const [name, def] of Object.entries(($defs as Record<string, unknown>) ?? {})) schemas[name] ??= pointed(def);
  const id = names.get(schema)?.id;
  if (id === undefined) return pointed(made) as Json;
  schemas[id] ??= pointed(made);
  return { $ref: REF + id };
}

/** The same with its references to where the document keeps what has a name. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', REF) : pointed(inner),
    ]),
  );
}

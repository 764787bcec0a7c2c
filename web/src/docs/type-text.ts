import type { Schema } from './document.ts';

const REF = '#/components/schemas/';

/** A schema as people read types: `{ name: string; role?: "user" | "admin" }`, over several lines where it is long. */
export function typeText(schema: Schema, indent = ''): string {
  if (schema.$ref !== undefined) return schema.$ref.replace(REF, '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => typeText(one, indent)))].join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => typeText(one, indent)).join(' & ');
  const types = [schema.type ?? []].flat();
  if (types.length > 1) return types.map((type) => typeText({ ...schema, type }, indent)).join(' | ');
  switch (types[0]) {
    case 'object':
      return objectText(schema, indent);
    case 'array':
      return arrayText(typeText(schema.items ?? {}, indent));
    case 'string':
      return schema.format === 'date-time' ? 'Time' : 'string';
    case undefined:
      return 'unknown';
    default:
      return types[0] === 'integer' ? 'number' : types[0]!;
  }
}

function arrayText(item: string): string {
  return / [|&] /.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
}

function objectText({ properties = {}, required = [], additionalProperties }: Schema, indent: string): string {
  const entries = Object.entries(properties);
  if (entries.length === 0) {
    const rest = typeof additionalProperties === 'object' ? typeText(additionalProperties, indent) : undefined;
    return rest === undefined ? '{}' : `{ [name]: ${rest} }`;
  }
  const inner = `${indent}  `;
  const lines = entries.map(([name, schema]) => {
    const optional = required.includes(name) && schema.default === undefined ? '' : '?';
    const usual = schema.default === undefined ? '' : `  // ${JSON.stringify(schema.default)}`;
    return `${inner}${name}${optional}: ${typeText(schema, inner)}${usual}`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

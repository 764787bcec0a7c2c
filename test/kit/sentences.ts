import { parseAst } from 'vite';

/** A node of a parsed source: whatever it is, its fields are nodes, lists of nodes, or values. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

export interface Text {
  readonly line: number;
  /** With `{0}`, `{1}`, … where a value stands. */
  readonly text: string;
}

/** Where nothing stands that a person reads in a page. */
const NO_TEXT: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAnnotation',
  'TSTypeParameterInstantiation',
  // SQL
  'TaggedTemplateExpression',
]);

/** What is written to the log, asked of the database, or described in the documentation of the API. */
const NOT_SAID: ReadonlySet<string> = new Set(
  'debug info warn fatal trace prepare exec pragma select selectAll describe meta'.split(' '),
);

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

/**
 * Every text of a TypeScript source in which words stand, as it can come out: of `a ? 'x' : 'y'` both, of a template
 * each form it can take.
 */
export function textsOf(source: string): Text[] {
  const texts: Text[] = [];
  const lineAt = (at: number) => source.slice(0, at).split('\n').length;

  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (isNode(value)) node(value);
  };
  const node = (it: Node): void => {
    if (NO_TEXT.has(it.type) || isAside(it)) return;
    if (isText(it)) {
      for (const text of forms(it, walk))
        if (hasWords(text)) texts.push({ line: lineAt(it.start), text: numbered(text) });
      return;
    }
    for (const field of Object.keys(it)) walk(it[field]);
  };
  walk(parseAst(source, { lang: 'ts' }));
  return texts;
}

/** A call or a property of which the texts are for the log, the database or the documentation. */
function isAside(it: Node): boolean {
  if (it.type === 'Property') return nameOf(it.key) === 'summary';
  if (it.type !== 'CallExpression') return false;
  const callee = it.callee as Node;
  const name = callee.type === 'MemberExpression' ? nameOf(callee.property) : nameOf(callee);
  // `log.error`, but not `socket.error`
  if (name === 'error')
    return /log/i.test(nameOf((callee.object as Node | undefined)?.property ?? callee.object) ?? '');
  return name !== undefined && NOT_SAID.has(name);
}

function nameOf(value: unknown): string | undefined {
  return isNode(value) && typeof value.name === 'string' ? value.name : undefined;
}

function isText(it: Node): boolean {
  if (it.type === 'Literal') return typeof it.value === 'string';
  return it.type === 'TemplateLiteral' || (it.type === 'BinaryExpression' && it.operator === '+');
}

/** The forms a text can take, with `{}` for a value; what makes a value is walked for texts of its own. */
function forms(it: Node, walk: (value: unknown) => void): string[] {
  switch (it.type) {
    case 'Literal':
      return [typeof it.value === 'string' ? it.value : '{}'];
    case 'TemplateLiteral': {
      const [first, ...rest] = (it.quasis as readonly Node[]).map(({ value }) => (value as { cooked: string }).cooked);
      const values = it.expressions as readonly Node[];
      return values.reduce(
        (before, value, i) => {
          const inside = forms(value, walk);
          return before.flatMap((text) => inside.map((form) => `${text}${form}${rest[i]}`));
        },
        [first!],
      );
    }
    case 'ConditionalExpression':
      walk(it.test);
      return [...forms(it.consequent as Node, walk), ...forms(it.alternate as Node, walk)];
    case 'LogicalExpression':
      return [...forms(it.left as Node, walk), ...forms(it.right as Node, walk)];
    case 'BinaryExpression': {
      if (it.operator !== '+') return ['{}'];
      const right = forms(it.right as Node, walk);
      return forms(it.left as Node, walk).flatMap((left) => right.map((end) => `${left}${end}`));
    }
    default:
      walk(it);
      return ['{}'];
  }
}

/** Two words, or one beside a value: not what is a name in a protocol or a path. */
function hasWords(text: string): boolean {
  const bare = text.replaceAll('{}', ' ');
  const words = bare.match(/(?<![\w./-])[A-Za-z’']{2,}(?![\w/-])/g)?.length ?? 0;
  return /\s/.test(text.trim()) && (words >= 2 || (words === 1 && text.includes('{}')));
}

function numbered(text: string): string {
  let next = 0;
  return text.replaceAll('{}', () => `{${next++}}`);
}

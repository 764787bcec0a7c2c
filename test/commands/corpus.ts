import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SHELLS } from './shells.ts';

const CORPUS = join(import.meta.dirname, 'corpus');

const oneOrMore = <T extends z.ZodType>(of: T) =>
  z.union([of.transform((one) => [one]), z.array(of).min(1)]) as z.ZodType<z.output<T>[]>;

const size = z
  .string()
  .regex(/^\d+x\d+$/)
  .transform((text) => {
    const [cols, rows] = text.split('x').map(Number);
    return { cols: cols!, rows: rows!, width: 0, height: 0 };
  });

const confidence = z.enum(['exact', 'screen', 'typed', 'unparsed']);
const context = z.enum(['exec', 'shell', 'stdin', 'multiplexer', 'program']);

/** What the user does and waits for, in order. README.md explains each. */
const step = z.union([
  z.strictObject({ run: z.string() }),
  z.strictObject({ type: z.string() }),
  z.strictObject({ fast: z.string() }),
  z.strictObject({ secret: z.string() }),
  z.strictObject({ paste: z.string() }),
  z.strictObject({ expect: z.string() }),
  z.strictObject({ at: z.string().optional() }),
  z.strictObject({ resize: size }),
]);
export type Step = z.output<typeof step>;

const facts = {
  confidence: oneOrMore(confidence).default(['screen']),
  context: context.default('shell'),
  exit: z.number().optional(),
  cwd: z.string().optional(),
};
const expected = z.union([
  z.string().transform((line) => ({ line: [line], confidence: ['screen' as const], context: 'shell' as const })),
  /** `typed`: a line that is not what ran is fine when it is said to be only what was typed. */
  z.strictObject({ line: oneOrMore(z.string()), typed: oneOrMore(z.string()).optional(), ...facts }),
  /** Several lines entered as one: one row with line breaks or one row each. */
  z.strictObject({ lines: z.array(z.string()).min(2), ...facts }),
  /** Any number of rows that say that something in there is not known. */
  z.strictObject({ unparsed: context }),
]);
export type Expected = z.output<typeof expected>;

const caseSchema = z.strictObject({
  name: z.string(),
  size: size.prefault('80x24'),
  /** Added to the shell's own start file. */
  rc: z.string().default(''),
  env: z.record(z.string(), z.string()).default({}),
  /** In the home directory. */
  files: z.record(z.string(), z.string()).default({}),
  /** What stands before the cursor when the shell waits; the file's own by default. */
  at: z.string().optional(),
  steps: z.array(step).min(1),
  commands: z.array(expected),
  /** What no row may hold. */
  secrets: z.array(z.string()).default([]),
});

const fileSchema = z.strictObject({
  shell: z.string().refine((name) => name in SHELLS, { error: 'no such shell in shells.ts' }),
  at: z.string(),
  cases: z.array(caseSchema).min(1),
});

export type Case = Omit<z.output<typeof caseSchema>, 'at'> & {
  readonly at: string;
  readonly shell: string;
  /** The name of its file, under which the report counts it. */
  readonly group: string;
};

/** Every case of every file. Throws with the file's name when one does not hold to the format. */
export function loadCorpus(): Case[] {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith('.yml'));
  return files.sort().flatMap((name) => {
    const parsed = fileSchema.safeParse(parse(readFileSync(join(CORPUS, name), 'utf8')));
    if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}`);
    const { shell, at, cases } = parsed.data;
    const names = cases.map((one) => one.name);
    const twice = names.find((one, index) => names.indexOf(one) !== index);
    if (twice !== undefined) throw new Error(`${name}: two cases are named "${twice}"`);
    return cases.map((one) => ({ ...one, at: one.at ?? at, shell, group: basename(name, '.yml') }));
  });
}

// Names are whatever a target says: what cannot be seen, or would turn the writing round, is shown as a sign of its own.
const CONTROL = /[\u0000-\u001f]/g;
const HIDING = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\uef80-\uefff]/g;

/** A name as it can be read. */
export function shownName(name: string): string {
  return name.replace(CONTROL, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(HIDING, '\ufffd');
}

export function joined(folder: string, name: string): string {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

export function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

export interface Step {
  readonly name: string;
  readonly path: string;
}

/** The folders that lead to a path, from the root's first one on. */
export function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  for (const name of path.split('/'))
    if (name !== '') steps.push({ name, path: `${steps.at(-1)?.path ?? ''}/${name}` });
  return steps;
}

export const isName = (name: string) => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);

/** `report (2).pdf`: the next free name for a copy. */
export function freeName(name: string, taken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 2; ; n++) {
    const next = `${stem} (${n})${end}`;
    if (!taken(next)) return next;
  }
}

import type { FileEntry } from '../../../src/api/contract/files.ts';
import { api } from '../kit/api.ts';
import type { Connection } from './connection.ts';

/** Larger ones are no matter of a text field. */
export const LARGEST_TEXT = 1024 * 1024;

export interface TextFile {
  readonly text: string;
  /** How its lines end; a text field knows only `\n`. */
  readonly ends: '\n' | '\r\n';
  /** As it was when it was read. */
  readonly entry: FileEntry;
}

/** Why a file is not edited here. */
export class NotHere extends Error {
  readonly why: 'tooLarge' | 'notText' | 'mixedEnds';
  constructor(why: NotHere['why']) {
    super(why);
    this.why = why;
  }
}

export async function readText(connection: Connection, path: string): Promise<TextFile> {
  const entry = await look(connection, path);
  if ((entry.size ?? 0) > LARGEST_TEXT) throw new NotHere('tooLarge');
  const bytes = await connection.read(path);
  if (bytes.length > LARGEST_TEXT) throw new NotHere('tooLarge');
  const text = decoded(bytes);
  if (text === undefined || text.includes('\0')) throw new NotHere('notText');
  const returns = text.split('\r').length - 1;
  if (returns === 0) return { text, ends: '\n', entry };
  const plain = text.replaceAll('\r\n', '\n');
  // every line ends alike, or one way of ending would be lost
  if (plain.includes('\r') || plain.split('\n').length - 1 !== returns) throw new NotHere('mixedEnds');
  return { text: plain, ends: '\r\n', entry };
}

/** Whether somebody else wrote it since it was read. */
export async function isChanged(connection: Connection, path: string, { entry }: TextFile): Promise<boolean> {
  const now = await look(connection, path);
  return now.size !== entry.size || now.modifiedAt !== entry.modifiedAt;
}

export async function writeText(connection: Connection, path: string, text: string, ends: TextFile['ends']) {
  const whole = ends === '\n' ? text : text.replaceAll('\n', '\r\n');
  await connection.write(path, new Blob([whole]));
  return look(connection, path);
}

const look = (connection: Connection, path: string) => connection.call((id) => api.files.show({ id, path }));

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

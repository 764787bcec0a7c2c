import { AppError } from '../../../kernel/errors.ts';

/**
 * Names on a target are bytes, and pages know texts. A byte that is no UTF-8 stands in the text as a character of a
 * private area, U+EF80 to U+EFFF for 0x80 to 0xFF, and so do the bytes of these very characters: every name has one
 * text, and every such text leads back to it.
 */
const AREA = 0xef00;
const ESCAPED = /[\uef80-\uefff]/;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function textOf(bytes: Buffer): string {
  const text = decoded(bytes);
  if (text !== undefined && !ESCAPED.test(text)) return text;
  let result = '';
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at);
    const character = length === 0 ? undefined : decoded(bytes.subarray(at, at + length));
    if (character === undefined || ESCAPED.test(character)) result += String.fromCharCode(AREA + bytes[at++]!);
    else {
      result += character;
      at += length;
    }
  }
  return result;
}

/** @throws AppError `invalid` at what is no text. */
export function bytesOf(text: string): Buffer {
  if (!text.isWellFormed()) throw new AppError('invalid', 'The path is no valid text.');
  if (!ESCAPED.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  for (const character of text) {
    parts.push(ESCAPED.test(character) ? Buffer.of(character.charCodeAt(0) - AREA) : Buffer.from(character));
  }
  return Buffer.concat(parts);
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** How many bytes the character has that would begin here; 0 where none can. */
function lengthAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** A name that stands in a folder; the others would lead somewhere else. */
export function isName(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes.length > LONGEST_NAME || bytes.includes(0x2f) || bytes.includes(0)) return false;
  return !(bytes[0] === 0x2e && (bytes.length === 1 || (bytes.length === 2 && bytes[1] === 0x2e)));
}

/** No file system has longer ones. */
const LONGEST_NAME = 1024;

export function joined(folder: Buffer, name: Buffer): Buffer {
  const slash = folder.at(-1) === 0x2f ? '' : '/';
  return Buffer.concat([folder, Buffer.from(slash), name]);
}

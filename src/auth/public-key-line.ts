import { AppError } from '../kernel/errors.ts';
import { stripped } from '../kernel/printable.ts';
import { endOfOptions, type KeyOptions, parseAuthorizedOptions } from './authorized-options.ts';
import { fingerprintOf, KEY_TYPES, parsePublicKey, typeOfBlob } from './public-key.ts';
import { isCertificateType } from './ssh-cert.ts';

const MAX_LINE = 16 * 1024;
const MAX_COMMENT = 200;

/** A public key as somebody wrote it down: the line of an `.pub` file or of authorized_keys. */
export interface PublicKeyLine {
  readonly type: string;
  readonly blob: Buffer;
  readonly fingerprint: string;
  readonly comment: string;
  /** The options as written, '' when none. */
  readonly options: string;
  readonly meaning: KeyOptions;
}

/** Parses one line `[options] type base64 [comment]`. AppError `invalid` says what is wrong and what to give instead. */
export function parsePublicKeyLine(line: string): PublicKeyLine {
  const text = line.trim();
  refuseOtherFormats(text);
  if (/[\r\n]/.test(text)) throw invalid('Give one public key at a time: this is more than one line.');
  if (text.length > MAX_LINE) throw invalid('This line is too long for a public key.');
  const firstWord = text.split(/[ \t]/, 1)[0]!;
  const bare = isKeyType(firstWord);
  const optionsEnd = bare ? 0 : endOfOptions(text);
  const options = text.slice(0, optionsEnd);
  const [type = '', base64 = '', ...comment] = text
    .slice(optionsEnd)
    .trim()
    .split(/[ \t]+/);
  if (!isKeyType(type))
    throw invalid('This is no public key. Give the line of a .pub file, such as `ssh-ed25519 AAAA… name`.');
  refuseType(type);
  const blob = decode(base64);
  const meaning = parseAuthorizedOptions(options);
  check(type, blob);
  return {
    type,
    blob,
    fingerprint: fingerprintOf(blob),
    comment: stripped(comment.join(' '), MAX_COMMENT),
    options,
    meaning,
  };
}

function refuseOtherFormats(text: string): void {
  if (/^-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY/m.test(text) || text.startsWith('PuTTY-User-Key-File')) {
    throw invalid(
      'This is a private key. Keep it to yourself and give the public key (the .pub file; `ssh-keygen -y -f KEY` prints it).',
    );
  }
  if (/^-{4,5} ?BEGIN /m.test(text)) {
    throw invalid(
      'This public key is in another format. Convert it with `ssh-keygen -i -f FILE` (add `-m PKCS8` for PEM) and give the line that prints.',
    );
  }
}

function isKeyType(word: string): boolean {
  return KEY_TYPES.includes(word) || word === 'ssh-dss' || isCertificateType(word);
}

function refuseType(type: string): void {
  if (isCertificateType(type)) {
    throw invalid(
      'This is a certificate. Certificates are trusted through their authority (`bastion ca add`); give the plain public key instead.',
    );
  }
  if (type === 'ssh-dss') throw invalid('DSA keys are no longer safe. Make a new one with `ssh-keygen -t ed25519`.');
}

function decode(base64: string): Buffer {
  const blob = Buffer.from(base64, 'base64');
  if (blob.length === 0 || blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) {
    throw invalid('The public key is damaged: its second word is not base64. Copy the whole line again.');
  }
  return blob;
}

function check(type: string, blob: Buffer): void {
  try {
    if (typeOfBlob(blob) !== type) throw new Error('its content is of another type than its first word says');
    parsePublicKey(blob);
  } catch (cause) {
    throw new AppError('invalid', `This public key cannot be used: ${(cause as Error).message}.`, { cause });
  }
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}

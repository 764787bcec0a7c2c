import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../kernel/errors.ts';
import { addressBytes } from '../kernel/ip.ts';
import type { TlsFiles } from './listen.ts';

const DAY = 86_400_000;
/** Browsers refuse certificates that are valid for longer. */
export const VALID_DAYS = 820;
const RENEW_DAYS = 30;

/**
 * A certificate of our own for these host names and addresses, kept in `directory` so that its fingerprint stays the
 * same from start to start; made anew shortly before it expires and when a name is missing.
 */
export function selfSigned(directory: string, names: readonly string[], now: number): TlsFiles {
  const certFile = join(directory, 'self-signed.pem');
  const keyFile = join(directory, 'self-signed.key');
  if (existsSync(certFile) && existsSync(keyFile)) {
    const files = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    if (isGood(files, names, now)) return files;
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const unsigned = certificateBody(publicKey.export({ type: 'spki', format: 'der' }), names, now);
  const signature = sign('sha256', unsigned, privateKey);
  const der = sequence(unsigned, ECDSA_SHA256, tlv(0x03, Buffer.of(0), signature));
  const base64 = der.toString('base64').replace(/.{1,64}/g, '$&\n');
  const cert = `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`;
  // What was written is read back by the library that will serve it
  if (!new X509Certificate(cert).verify(publicKey))
    throw new AppError('internal', 'The certificate could not be made.');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeWhole(keyFile, key);
  writeWhole(certFile, cert);
  return { cert, key };
}

function isGood(files: { cert: string; key: string }, names: readonly string[], now: number): boolean {
  try {
    const certificate = new X509Certificate(files.cert);
    const fresh = Date.parse(certificate.validTo) - now > RENEW_DAYS * DAY;
    const named = names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)));
    return fresh && named && certificate.checkPrivateKey(createPrivateKey(files.key));
  } catch {
    return false;
  }
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

// X.509 in DER (RFC 5280 §4.1), as much of it as one self-signed certificate needs

const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');

function certificateBody(publicKey: Buffer, names: readonly string[], now: number): Buffer {
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from('Bastion')))));
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    name,
    sequence(time(now - DAY), time(now + VALID_DAYS * DAY)),
    name,
    publicKey,
    tlv(0xa3, sequence(sequence(SUBJECT_ALT_NAME, tlv(0x04, sequence(...names.map(alternativeName)))))),
  );
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? tlv(0x82, Buffer.from(name, 'ascii')) : tlv(0x87, addressBytes(name));
}

/** UTCTime until 2049 (RFC 5280 §4.1.2.5). */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  return at < Date.UTC(2050) ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

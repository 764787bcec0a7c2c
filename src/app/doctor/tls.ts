import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { isLoopback } from '../../kernel/ip.ts';
import { shellWord } from '../../kernel/shell-word.ts';
import { DAY_MS, errorCode, type Finding, fail, ok, warn } from './finding.ts';

const WARN_DAYS = 21;
const NAME = 'TLS';

/** @param startedAt when the running daemon read its certificate; undefined where none runs. */
export function checkTls(config: Config['http'], dataDir: string, startedAt: number | undefined): Finding[] {
  const open = config.listen.filter(
    ({ host }) => host === undefined || !isLoopback(host) || /^(0\.0\.0\.0|::)$/.test(host),
  );
  const { tls } = config;
  if (typeof tls === 'object') return checkFiles(tls, config.public_url, startedAt);
  if (open.length === 0) return [ok(NAME, 'Not used: the pages are for this machine, or for a proxy on it.')];
  if (tls === 'off') {
    const todo = 'Set http.tls to auto or to your certificate, unless a proxy with TLS is all that can reach it.';
    return [
      warn(NAME, 'It is off, and the pages are open to the network: passwords would be readable on the way.', todo),
    ];
  }
  const own = join(dataDir, 'tls', 'self-signed.pem');
  const note = 'Browsers warn of it once; give http.tls a certificate of your authority to spare them that.';
  if (!existsSync(own)) return [ok(NAME, `The daemon makes itself a certificate. ${note}`)];
  try {
    const end = Date.parse(new X509Certificate(readFileSync(own)).validTo);
    const until = new Date(end).toISOString().slice(0, 10);
    if (end > Date.now() + WARN_DAYS * DAY_MS)
      return [ok(NAME, `The daemon's own certificate, until ${until}. ${note}`)];
    return [warn(NAME, `The daemon's own certificate ends ${until}.`, 'Restart it: it makes itself a new one then.')];
  } catch (error) {
    const todo = `rm ${shellWord(own)}, and restart: it makes itself a new one then.`;
    return [fail(NAME, `${own} is no certificate (${errorCode(error)}).`, todo)];
  }
}

function checkFiles(
  files: { readonly cert: string; readonly key: string },
  publicUrl: string | null,
  startedAt: number | undefined,
): Finding[] {
  const texts: string[] = [];
  for (const [option, file] of Object.entries(files)) {
    try {
      texts.push(readFileSync(file, 'utf8'));
    } catch (error) {
      const todo = 'See that it is there, and that the user the daemon runs as may read it.';
      return [fail(NAME, `http.tls.${option}: ${file} cannot be read (${errorCode(error)}).`, todo)];
    }
  }
  const [cert, key] = texts as [string, string];
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return [
      fail(
        NAME,
        `${files.cert} is no certificate.`,
        'Give http.tls.cert a PEM file: the certificate, then its issuers.',
      ),
    ];
  }
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      return [fail(NAME, 'Certificate and key do not belong together.', 'Give http.tls the two files of one pair.')];
  } catch {
    const todo = 'Give http.tls.key a PEM file without a passphrase.';
    return [fail(NAME, `${files.key} holds no private key that can be used.`, todo)];
  }
  const found = [
    ...validity(certificate),
    ...naming(certificate, publicUrl),
    ...issuers(certificate, cert, files.cert),
    ...age(files.cert, startedAt),
  ];
  const until = new Date(certificate.validTo).toISOString().slice(0, 10);
  return found.length > 0 ? found : [ok(NAME, `The certificate is good until ${until}.`)];
}

function validity(certificate: X509Certificate): Finding[] {
  const [from, end] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const renew = 'Renew it, then restart the daemon: it is read at the start.';
  if (Date.now() < from)
    return [fail(NAME, `The certificate is not valid before ${certificate.validFrom}.`, 'Look at the clock, or wait.')];
  const days = Math.floor((end - Date.now()) / DAY_MS);
  if (days < 0) return [fail(NAME, `The certificate has expired on ${certificate.validTo}.`, renew)];
  return days < WARN_DAYS ? [warn(NAME, `The certificate ends in ${days} days (${certificate.validTo}).`, renew)] : [];
}

function naming(certificate: X509Certificate, publicUrl: string | null): Finding[] {
  if (publicUrl === null) return [];
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) return [];
  const names = certificate.subjectAltName?.replaceAll(/DNS:|IP Address:/g, '') ?? 'no name';
  const todo = 'Get one for that name, or correct http.public_url.';
  return [fail(NAME, `The certificate is for ${names}, and not for ${host} as in http.public_url.`, todo)];
}

/** Browsers often fetch a missing issuer and so hide that it is missing; curl, Java, Go do not. */
function issuers(certificate: X509Certificate, pem: string, file: string): Finding[] {
  const alone = (pem.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 1) === 1;
  if (!alone || certificate.issuer === certificate.subject) return [];
  const todo =
    "Append the certificates of its issuers (Let's Encrypt: fullchain.pem), if they are not known to every client.";
  return [warn(NAME, `${file} holds the certificate alone, without who issued it.`, todo)];
}

function age(file: string, startedAt: number | undefined): Finding[] {
  if (startedAt === undefined || statSync(file).mtimeMs <= startedAt) return [];
  return [
    warn(
      NAME,
      'The certificate was replaced after the daemon started.',
      'Restart the daemon: it still shows the old one.',
    ),
  ];
}

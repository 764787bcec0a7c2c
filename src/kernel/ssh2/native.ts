import channel from 'ssh2/lib/Channel.js';
import constants from 'ssh2/lib/protocol/constants.js';
import crypto from 'ssh2/lib/protocol/crypto.js';
import Protocol from 'ssh2/lib/protocol/Protocol.js';
import utils from 'ssh2/lib/protocol/utils.js';
import server from 'ssh2/lib/server.js';
import { AppError } from '../errors.ts';

const INITIAL_WINDOW = 256 * 1024;
const MAX_PACKET_SIZE = 256 * 1024;

/**
 * What the ssh2 library must be before the daemon serves: its native cipher binding loaded (without it everything
 * works and is two to three times slower) and our patches applied. AppError `config` says what is missing.
 */
export function assertSsh2(): void {
  if (!crypto.bindingAvailable) {
    throw new AppError(
      'config',
      'The native cipher module of ssh2 (sshcrypto.node) is missing: run `npm ci` again with python3, make and g++ installed.',
    );
  }
  const missing = [...probes()].filter(([, present]) => !present).map(([name]) => name);
  if (missing.length > 0) {
    throw new AppError(
      'config',
      `The ssh2 library lacks these patches: ${missing.join(', ')}. Run \`npx patch-package\` in the checkout, then build again.`,
    );
  }
}

/** One probe for each patch that can be seen without a login; 004 changes only a reply and is covered by its test. */
function* probes(): Iterable<readonly [name: string, present: boolean]> {
  yield ['001 mlkem768x25519', constants.mlkemSupported === true];
  yield ['002 server-sig-algs', extensionInfo().includes('nistp521,sk-ssh-ed25519@openssh.com')];
  yield ['003 certificate signature names', typeof utils.plainAlgo === 'function'];
  yield ['005 host certificates', constants.SUPPORTED_SERVER_HOST_KEY.includes('ssh-ed25519-cert-v01@openssh.com')];
  yield ['006 terminal modes', constants.TERMINAL_MODE.IUTF8 === 42];
  yield ['007 window and padding', crypto.pooledPadding === true && channel.MAX_WINDOW === INITIAL_WINDOW];
  yield ['008 only the listed host key algorithms', server.onlyListedHostKeyAlgorithms === true];
  yield ['009 packets as large as OpenSSH takes', crypto.MAX_PACKET_SIZE === MAX_PACKET_SIZE];
}

/** The SSH_MSG_EXT_INFO (RFC 8308) a server of this library sends after its first key exchange. */
function extensionInfo(): string {
  const sent: Buffer[] = [];
  const protocol = new Protocol({ server: true, hostKeys: {}, onWrite: (data) => sent.push(data), onError: () => {} });
  protocol._kex = { remoteExtInfoEnabled: true };
  protocol._onHandshakeComplete({});
  return Buffer.concat(sent).toString('latin1');
}

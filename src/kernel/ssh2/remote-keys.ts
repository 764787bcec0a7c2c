import ssh2, { type AnyAuthMethod, type Client, type ParsedKey } from 'ssh2';

/** A key or certificate whose private half signs elsewhere. */
export interface RemoteKey {
  /** The first field of the blob, e.g. `ssh-rsa` or `ssh-rsa-cert-v01@openssh.com`. */
  readonly type: string;
  readonly blob: Buffer;
}

/** What holds the keys: an SSH agent. */
export interface RemoteSigner<Key extends RemoteKey> {
  /** The keys to try, in order. */
  keys(): Promise<readonly Key[]>;
  /**
   * The whole signature in wire form, algorithm name and whatever follows it for security keys included. `hash` says
   * how an RSA key signs and is undefined for all others. Rejecting goes on with the next key.
   */
  sign(key: Key, data: Buffer, hash: SigningHash | undefined): Promise<Buffer>;
}
export type SigningHash = 'sha1' | 'sha256' | 'sha512';

/** Errors of a signer reach the client's `error` event with this level; the login goes on with the next key. */
export const SIGNER_ERROR = 'agent';

type Answer = (signature: Buffer) => void;
type Signed = (error?: Error | null, signature?: Buffer) => void;
type SignRequest = (data: Buffer, answer: Answer) => void;

interface Protocol {
  authPK(username: string, key: ParsedKey, algorithm: string | undefined, sign?: SignRequest): void;
  readonly _authsQueue: string[];
  readonly _kexinit: Buffer | undefined;
  _queue: Buffer[] | undefined;
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
  };
}

const RSA_CERTIFICATE = 'ssh-rsa-cert-v01@openssh.com';

/**
 * A login method for `authHandler` that tries the signer's keys one after the other: each is offered first and signs
 * only when the server would take it (RFC 4252 §7). ssh2 has an agent method, but knows neither certificates nor
 * security keys there: it is shown objects that look like its own keys, and signatures are sent as they come.
 */
export function remoteKeys<Key extends RemoteKey>(
  client: Client,
  username: string,
  signer: RemoteSigner<Key>,
): AnyAuthMethod {
  const known = new Map<ParsedKey, Key>();

  class Agent extends ssh2.BaseAgent {
    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      sendWholeSignatures((client as unknown as { _protocol: Protocol })._protocol);
      signer.keys().then(
        (keys) => {
          for (const key of keys) known.set(lookAlike(key), key);
          done(null, [...known.keys()]);
        },
        (error: Error) => done(error),
      );
    }

    // ssh2 always gives all four; the type knows another form too
    override sign(...all: unknown[]): void {
      const [shown, data, options, done] = all as [ParsedKey, Buffer, { hash?: SigningHash }, Signed];
      const key = known.get(shown)!;
      const hash = key.type === RSA_CERTIFICATE ? 'sha512' : options.hash;
      signer.sign(key, data, hash).then(
        (signature) => done(null, signature),
        (error: Error) => done(error),
      );
    }
  }
  return { type: 'agent', username, agent: new Agent() as never };
}

/** ssh2 takes as a key what inherits from one of its own. RSA certificates go by the name of how they sign. */
function lookAlike(key: RemoteKey): ParsedKey {
  const type = key.type === RSA_CERTIFICATE ? 'rsa-sha2-512-cert-v01@openssh.com' : key.type;
  return Object.create(anyKey(), {
    type: { value: type },
    getPublicSSH: { value: () => key.blob },
  }) as ParsedKey;
}

function anyKey(): ParsedKey {
  const blob = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), Buffer.alloc(32)]);
  const key = ssh2.utils.parseKey(`ssh-ed25519 ${blob.toString('base64')}`);
  if (key instanceof Error) throw key;
  return Array.isArray(key) ? key[0]! : key;
}

/**
 * ssh2 writes `string algorithm, string body` around what a signer gives, which has no room for what security keys
 * add. The bytes to be signed are the session id and the request itself (RFC 4252 §7), so the request stands there.
 */
function sendWholeSignatures(protocol: Protocol): void {
  const original = protocol.authPK.bind(protocol);
  protocol.authPK = (username, key, algorithm, sign) => {
    if (!sign) return original(username, key, algorithm);
    original(username, key, algorithm, (data) =>
      sign(data, (signature) => {
        const request = data.subarray(4 + data.readUInt32BE(0));
        protocol._authsQueue.push('publickey');
        send(protocol, request, signature);
      }),
    );
  };
}

function send(protocol: Protocol, request: Buffer, signature: Buffer): void {
  const writer = protocol._packetRW.write;
  const packet = writer.alloc(request.length + 4 + signature.length);
  let at = writer.allocStart;
  at += request.copy(packet, at);
  at = packet.writeUInt32BE(signature.length, at);
  signature.copy(packet, at);
  const finished = writer.finalize(packet);
  if (protocol._kexinit === undefined) protocol._cipher.encrypt(finished);
  else {
    protocol._queue ??= [];
    protocol._queue.push(finished);
  }
}

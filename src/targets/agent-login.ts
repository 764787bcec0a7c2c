import type { Duplex } from 'node:stream';
import { fingerprintOf, KEY_TYPES, typeOfBlob } from '../auth/public-key.ts';
import { plainType } from '../auth/ssh-cert.ts';
import { AppError } from '../kernel/errors.ts';
import { printable } from '../kernel/printable.ts';
import type { RemoteKey, RemoteSigner, SigningHash } from '../kernel/ssh2/remote-keys.ts';
import { AgentClient, SIGN_FLAGS } from './agent-client.ts';
import type { Progress } from './deps.ts';

/** As many as an sshd with its usual MaxAuthTries takes before it hangs up. */
const MAX_KEYS = 6;
const MAX_COMMENT = 80;

export interface AgentKey extends RemoteKey {
  readonly fingerprint: string;
  /** Fit for a terminal. */
  readonly comment: string;
}

/** One login on a target with the keys of the person's own agent, which is asked for this and nothing else. */
export class AgentLogin implements RemoteSigner<AgentKey> {
  readonly #open: () => Promise<Duplex>;
  readonly #prefer: string | null;
  readonly #progress: Progress | undefined;
  readonly #asked = new Set<AgentKey>();
  #agent: AgentClient | undefined;
  #closed = false;
  /** The agent, not the target, is waited for. */
  waiting = false;
  /** How many keys the target was offered; undefined when the agent could not be asked. */
  offered: number | undefined;
  /** Why it cannot be asked, when whoever forwards it knows. */
  refusal: AppError | undefined;
  /** The key that signed last: the one that entered, once the login stands. */
  signed: AgentKey | undefined;

  /** `prefer`: fingerprint of the key to try first, e.g. the one the person came in with. */
  constructor(open: () => Promise<Duplex>, prefer: string | null, progress: Progress | undefined) {
    this.#open = open;
    this.#prefer = prefer;
    this.#progress = progress;
  }

  async keys(): Promise<AgentKey[]> {
    const identities = await this.#wait(async () => {
      const stream = await this.#open().catch((error: unknown) => {
        this.refusal = error instanceof AppError ? error : undefined;
        throw error;
      });
      this.#agent = new AgentClient(stream);
      if (this.#closed) this.close();
      return this.#agent.identities();
    });
    const usable = identities.flatMap(({ blob, comment }) => {
      const type = typeIn(blob);
      if (type === undefined || !KEY_TYPES.includes(plainType(type))) return [];
      return [{ type, blob, fingerprint: fingerprintOf(blob), comment: printable(comment, MAX_COMMENT) }];
    });
    const first = usable.filter((key) => key.fingerprint === this.#prefer);
    const keys = [...first, ...usable.filter((key) => !first.includes(key))].slice(0, MAX_KEYS);
    this.offered = keys.length;
    return keys;
  }

  async sign(key: AgentKey, data: Buffer, hash: SigningHash | undefined): Promise<Buffer> {
    // a target that asks again and again would have the person confirm again and again
    if (this.#asked.has(key)) throw new Error('a key signs once');
    this.#asked.add(key);
    if (key.type.startsWith('sk-')) this.#progress?.('Confirm with your security key.');
    const signature = await this.#wait(() => this.#agent!.sign(key.blob, data, hash ? SIGN_FLAGS[hash] : 0));
    this.signed = key;
    return signature;
  }

  close(): void {
    this.#closed = true;
    this.#agent?.close();
  }

  async #wait<T>(what: () => Promise<T>): Promise<T> {
    this.waiting = true;
    try {
      return await what();
    } finally {
      this.waiting = false;
    }
  }
}

/** undefined: what the agent showed is no key. */
function typeIn(blob: Buffer): string | undefined {
  try {
    return typeOfBlob(blob);
  } catch {
    return undefined;
  }
}

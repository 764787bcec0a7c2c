import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../kernel/secret.ts';
import { ScryptPool } from './scrypt-pool.ts';

const LOG2_COST = 17;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

interface Phc {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** What nobody's password is: checked instead when there is none, so that the answer takes as long. */
const DUMMY: Phc = {
  cost: 2 ** LOG2_COST,
  blockSize: BLOCK_SIZE,
  parallelization: PARALLELIZATION,
  salt: randomBytes(SALT_BYTES),
  hash: randomBytes(HASH_BYTES),
};

/** Hashes and checks passwords in threads of their own, at most two at once. */
export class Passwords {
  readonly #pool = new ScryptPool();

  /** `$scrypt$ln=17,r=8,p=1$SALT$HASH`. `source` is who causes the work; AppError `rate_limited` when too much waits. */
  async hash(password: Secret, source: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const phc = { cost: 2 ** LOG2_COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION, salt };
    return formatPhc({
      ...phc,
      hash: await this.#derive(password, { ...phc, hash: Buffer.alloc(HASH_BYTES) }, source),
    });
  }

  /**
   * Whether the password is the hashed one. Without a hash (unknown user, user without password) the same work is
   * done and the answer is no. Compared in constant time.
   */
  async verify(password: Secret, hash: string | null, source: string): Promise<boolean> {
    const stored = hash === null ? undefined : parsePhc(hash);
    const against = stored ?? DUMMY;
    const derived = await this.#derive(password, against, source);
    const equal = timingSafeEqual(derived, against.hash);
    return equal && stored !== undefined;
  }

  /** Ends the threads; waiting checks are rejected with `shutting_down`. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #derive(password: Secret, phc: Phc, source: string): Promise<Buffer> {
    // The same letter may be typed composed or decomposed: NFC makes them one
    const bytes = Buffer.from(password.exposeText().normalize('NFC'), 'utf8');
    try {
      return await this.#pool.derive(
        {
          password: Uint8Array.from(bytes),
          salt: phc.salt,
          length: phc.hash.length,
          cost: phc.cost,
          blockSize: phc.blockSize,
          parallelization: phc.parallelization,
        },
        source,
      );
    } finally {
      bytes.fill(0);
    }
  }
}

function formatPhc(phc: Phc): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const params = `ln=${Math.log2(phc.cost)},r=${phc.blockSize},p=${phc.parallelization}`;
  return `$scrypt$${params}$${text(phc.salt)}$${text(phc.hash)}`;
}

/** Undefined when it is no scrypt string or asks for more than a thread may use. */
function parsePhc(text: string): Phc | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(
    text,
  );
  if (!match) return undefined;
  const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
  if (ln < 1 || ln > 20 || r < 1 || p < 1 || r * p > 64) return undefined;
  return {
    cost: 2 ** ln,
    blockSize: r,
    parallelization: p,
    salt: Buffer.from(match[4]!, 'base64'),
    hash: Buffer.from(match[5]!, 'base64'),
  };
}

import { createHash } from 'node:crypto';
import type { Algorithms } from 'ssh2';
import { AppError } from '../kernel/errors.ts';
import { newId } from '../kernel/id.ts';
import type { Actor, Asset, AuditDraft, HostKey } from '../store/model.ts';
import type { Progress, TargetDeps } from './deps.ts';

type HostKeyAlgorithm = Extract<NonNullable<Algorithms['serverHostKey']>, unknown[]>[number];

/** `last_seen` is written at most this often for one key. */
const SEEN_EVERY_MS = 3_600_000;

/** The key a machine showed. */
export interface SeenKey {
  readonly type: string;
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string;
}

/** Checks the host key of one connection to one machine. */
export interface HostKeyGuard {
  /** The offered algorithms with those of the pinned keys first, so that a machine with several keys shows a known one. */
  order(algorithms: readonly HostKeyAlgorithm[]): HostKeyAlgorithm[];
  /**
   * Answers at once for a known key and later for a new one (it is pinned first). At a rekey only the key of the
   * first exchange will do, and the answer is always at once.
   */
  check(blob: Buffer, answer: (accepted: boolean) => void): void;
  readonly seen: SeenKey | undefined;
  /** Why it said no. */
  readonly refusal: AppError | undefined;
}

/**
 * Trust on first use for each asset and endpoint: the first key is pinned, audited and told; any other key, also one
 * of another type, is refused until an administrator accepts it. Keys of one machine count for no other.
 */
export async function createHostKeyGuard(
  deps: Pick<TargetDeps, 'store' | 'clock' | 'log'>,
  machine: { readonly asset: Asset; readonly endpoint: string },
  by: Actor,
  progress: Progress | undefined,
): Promise<HostKeyGuard> {
  const { asset, endpoint } = machine;
  const all = await deps.store.hostKeys.list(asset.id);
  let pinned = all.filter((key) => key.state === 'pinned' && key.endpoint === endpoint);
  let verified: Buffer | undefined;
  let seen: SeenKey | undefined;
  let refusal: AppError | undefined;

  const draft = (action: string, outcome: AuditDraft['outcome'], reason: string | null): AuditDraft => ({
    actor: by,
    action,
    outcome,
    target: { kind: 'asset', id: asset.id, name: asset.name },
    reason,
    details: { endpoint, ...seen },
  });
  const row = (blob: Buffer, key: SeenKey, state: HostKey['state']) => {
    const now = deps.clock.now();
    return {
      id: newId<HostKey['id']>(now),
      assetId: asset.id,
      endpoint,
      ...key,
      blob,
      state,
      firstSeenAt: now,
      lastSeenAt: now,
    };
  };
  const known = (blob: Buffer) => pinned.find((key) => key.blob.equals(blob));

  const accept = (key: HostKey, blob: Buffer) => {
    verified = blob;
    const now = deps.clock.now();
    if (now - key.lastSeenAt < SEEN_EVERY_MS) return;
    deps.store.hostKeys
      .seen(key.id, now)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'host key not marked as seen'));
  };

  const refuse = async (blob: Buffer, key: SeenKey) => {
    refusal = new AppError(
      'host_key_changed',
      `The host key of ${asset.name} changed (now ${key.type} ${key.fingerprint}): somebody may be in between, or the machine was set up anew. If the new key is right, an administrator accepts it with \`bastion host-key accept ${asset.name}\`.`,
    );
    const audit = draft('host-key.changed', 'denied', 'not the pinned key');
    if (all.some((old) => old.state === 'changed' && old.blob.equals(blob))) await deps.store.audit.append(audit);
    else await deps.store.hostKeys.noteChanged(row(blob, key, 'changed'), audit);
  };

  const pin = async (blob: Buffer, key: SeenKey) => {
    try {
      await deps.store.hostKeys.pin(row(blob, key, 'pinned'), draft('host-key.pin', 'ok', null));
    } catch (error) {
      // two first connections at once: the other one pinned it, or another key
      if (!(error instanceof AppError && error.code === 'conflict')) throw error;
      pinned = (await deps.store.hostKeys.list(asset.id)).filter(
        (k) => k.state === 'pinned' && k.endpoint === endpoint,
      );
      if (!known(blob)) return refuse(blob, key);
    }
    verified = blob;
    progress?.(`First connection to ${asset.name}: its ${key.type} host key ${key.fingerprint} is now pinned.`);
  };

  return {
    order(algorithms) {
      const types = new Set(pinned.map((key) => key.type));
      const first = algorithms.filter((name) => types.has(keyTypeOf(name)));
      return [...first, ...algorithms.filter((name) => !first.includes(name))];
    },
    check(blob, answer) {
      if (verified) return answer(verified.equals(blob));
      const copy = Buffer.from(blob);
      const key = describeKey(copy);
      seen = key;
      const old = known(copy);
      if (old) {
        accept(old, copy);
        return answer(true);
      }
      (pinned.length > 0 ? refuse(copy, key) : pin(copy, key)).then(
        () => answer(refusal === undefined),
        (error: unknown) => {
          deps.log.error({ err: error, asset: asset.name }, 'host key not written');
          refusal ??= new AppError(
            'internal',
            'The host key could not be written down; the log of the bastion says why.',
            { cause: error },
          );
          answer(false);
        },
      );
    },
    get seen() {
      return seen;
    },
    get refusal() {
      return refusal;
    },
  };
}

/** The key type behind a host key algorithm: RSA keys sign under several names. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/** Type and fingerprint of a public key in wire form (RFC 4253 §6.6). */
function describeKey(blob: Buffer): SeenKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  const type = blob.toString('latin1', 4, 4 + Math.min(length, 64)).replace(/[^\x21-\x7e]/g, '?');
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { type, fingerprint: `SHA256:${digest}` };
}

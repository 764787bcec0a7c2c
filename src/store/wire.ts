import { deserialize, serialize } from 'node:v8';
import { AppError, type ErrorCode } from '../kernel/errors.ts';
import type { Upgrade } from './migrate.ts';
import type { Millis } from './model.ts';

/**
 * Messages between the main thread and the store's threads. They are serialised by hand rather than left to
 * postMessage's structured clone, which would turn Buffers into Uint8Arrays and copy the whole shared pool that a
 * small Buffer lives in, other people's secrets included.
 */
export interface Call {
  readonly id: number;
  readonly repository: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly now: Millis;
}

export type ToWorker = { readonly kind: 'call'; readonly call: Call } | { readonly kind: 'close' };

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: WireError;
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly upgrade: Upgrade | undefined }
  | { readonly kind: 'refused'; readonly error: WireError }
  /** The answers of one commit. `accessChanged` when it held a change of rights. */
  | { readonly kind: 'replies'; readonly replies: readonly Reply[]; readonly accessChanged: boolean }
  | { readonly kind: 'closed' };

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Record<string, unknown> | undefined;
  /** Stack of what lay behind it, for the log. */
  readonly cause: string | undefined;
}

export const pack = (message: ToWorker | FromWorker): Uint8Array => serialize(message);
export const unpack = <T extends ToWorker | FromWorker>(bytes: Uint8Array): T => deserialize(bytes) as T;

export function toWire(error: AppError): WireError {
  const { cause } = error;
  return {
    code: error.code,
    message: error.message,
    details: error.details,
    cause: cause instanceof Error ? (cause.stack ?? cause.message) : cause === undefined ? undefined : String(cause),
  };
}

export function fromWire(error: WireError): AppError {
  return new AppError(error.code, error.message, {
    ...(error.cause === undefined ? {} : { cause: new Error(error.cause) }),
    ...(error.details === undefined ? {} : { details: error.details }),
  });
}

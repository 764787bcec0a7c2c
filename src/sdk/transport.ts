import type { UploadBody } from '../api/contract/route.ts';

/** One request as a transport carries it. */
export interface SdkRequest {
  readonly method: string;
  /** Path with query, from the root: `/api/v1/users?…`. */
  readonly path: string;
  /** Sent as JSON; undefined sends no body. */
  readonly body: unknown;
  /** Sent as it is, in place of a body. */
  readonly content?: UploadBody | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface SdkResponse {
  readonly status: number;
  /** The answer's bytes as they come. Ending the iteration early ends the request. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Carries requests to a bastion: over TCP, over its socket, or into the same process. */
export type Transport = (request: SdkRequest) => Promise<SdkResponse>;

/**
 * The one table of coded errors. `status` is the HTTP status, `exit` the exit code of the command line
 * (0 done, 1 failed, 2 wrong usage or configuration, 3 not found, 4 conflict).
 */
export const ERROR_CODES = {
  usage: { status: 400, exit: 2 },
  invalid: { status: 400, exit: 2 },
  config: { status: 500, exit: 2 },
  unauthenticated: { status: 401, exit: 1 },
  forbidden: { status: 403, exit: 1 },
  not_found: { status: 404, exit: 3 },
  conflict: { status: 409, exit: 4 },
  too_large: { status: 413, exit: 1 },
  rate_limited: { status: 429, exit: 1 },
  expired: { status: 410, exit: 1 },
  unsupported: { status: 501, exit: 1 },
  needs_daemon: { status: 503, exit: 1 },
  busy: { status: 503, exit: 2 },
  internal: { status: 500, exit: 1 },
  // sessions and targets
  no_permission: { status: 403, exit: 1 },
  no_account: { status: 409, exit: 1 },
  target_refused: { status: 502, exit: 1 },
  target_timeout: { status: 504, exit: 1 },
  target_unreachable: { status: 502, exit: 1 },
  target_name: { status: 502, exit: 1 },
  target_auth: { status: 502, exit: 1 },
  target_protocol: { status: 502, exit: 1 },
  target_closed: { status: 502, exit: 1 },
  host_key_changed: { status: 502, exit: 1 },
  recording_failed: { status: 507, exit: 1 },
  shutting_down: { status: 503, exit: 1 },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * An error a person may see. `message` is the public text: it says what happened and what to do next and never
 * holds a secret; `cause` is for the log.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    publicMessage: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }
}

/** Any thrown value as an AppError; what nobody foresaw becomes `internal` with the cause kept for the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Something went wrong inside the bastion; its log has the details.', {
    cause: error,
  });
}

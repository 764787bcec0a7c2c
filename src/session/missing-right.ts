import type { Action } from '../store/model.ts';
import type { EndReason } from './types.ts';

/** How people hear of an action that they lack. */

const DOING: Partial<Record<Action, string>> = {
  upload: 'upload to',
  download: 'download from',
  delete: 'delete files on',
};

/** `upload to web1`: what goes behind "you may not". */
export function doingOn(action: Action, asset: string): string {
  return `${DOING[action] ?? `${action} on`} ${asset}`;
}

export function missingText(action: Action): string {
  return `the action ${action} is missing`;
}

/** How a session ends when a right that it needs is gone. */
export function withoutRight(action: Action): EndReason {
  return { cause: 'revoked', detail: `the right to ${action} is gone` };
}

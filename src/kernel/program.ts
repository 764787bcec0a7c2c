/** What is to run or be reached on a target: one SSH channel's worth. */
export type Program =
  | { readonly kind: 'shell' }
  | { readonly kind: 'exec'; readonly command: string }
  /** RFC 4254 §6.5; `sftp` is one of them. */
  | { readonly kind: 'subsystem'; readonly name: string }
  /** A connection from the target to the place its grant names. */
  | { readonly kind: 'forward' };

export const SHELL: Program = { kind: 'shell' };

/** The command line of an exec request, undefined for everything else. */
export function commandOf(program: Program): string | undefined {
  return program.kind === 'exec' ? program.command : undefined;
}

/** Where a forwarded connection goes, as the target's own sshd dials it. */
export type Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A Unix socket on the target. */
  | { readonly kind: 'socket'; readonly path: string };

/** `host:port`, `[::1]:port` or the path of the socket. */
export function placeText(place: Place): string {
  if (place.kind === 'socket') return place.path;
  return place.host.includes(':') ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`;
}

/** What is to run or be reached on a target: one SSH channel's worth. */
export type Program =
  | { readonly kind: 'shell' }
  /** `bytes`: the command as it was sent, where that is no UTF-8 and `command` only a readable form of it. */
  | { readonly kind: 'exec'; readonly command: string; readonly bytes?: Buffer | undefined }
  /** RFC 4254 §6.5; `sftp` is one of them. */
  | { readonly kind: 'subsystem'; readonly name: string }
  /** A connection from the target to the place its grant names. */
  | { readonly kind: 'forward' };

/** What a channel of type "session" can ask for. */
export type SessionProgram = Exclude<Program, { readonly kind: 'forward' }>;

export const SHELL: SessionProgram = { kind: 'shell' };

/** What an exec request asks for, by the bytes of its command. */
export function execProgram(bytes: Buffer): SessionProgram {
  const command = bytes.toString('utf8');
  return Buffer.from(command).equals(bytes) ? { kind: 'exec', command } : { kind: 'exec', command, bytes };
}

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

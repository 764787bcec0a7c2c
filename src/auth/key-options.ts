/**
 * What the authorized_keys options of a key (sshd(8), "AUTHORIZED_KEYS FILE FORMAT") or a certificate's critical
 * options allow and forbid.
 */
export interface KeyRestrictions {
  /** `from=` / `source-address`: patterns or CIDR blocks, empty when any address may use the key. */
  readonly from: readonly string[];
  /** `expiry-time=`, milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly pty: boolean;
  readonly portForwarding: boolean;
  /** Whether the SSH agent of the person may be used to enter targets. */
  readonly agentForwarding: boolean;
  /** `permitopen=` destinations; empty means any that the permission allows. */
  readonly permitOpen: readonly string[];
  /** `command=` / `force-command`: the only command that runs. */
  readonly forceCommand: string | null;
}

/**
 * What `internal-sftp`, the name sshd has for its own SFTP server, means as a forced command: SFTP and nothing else, with
 * `-R` only to read. undefined for other commands, and for options (`-d`, `-P`, `-u` …) that nobody would keep here.
 */
export function forcedSftp(forceCommand: string | null | undefined): { readonly readOnly: boolean } | undefined {
  const options = /^internal-sftp((?:\s+(?:-[eR]+|-[fl]\s*[A-Za-z0-9]+))*)\s*$/.exec(forceCommand ?? '')?.[1];
  return options === undefined ? undefined : { readOnly: /\s-e*R/.test(options) };
}

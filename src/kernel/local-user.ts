import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Whoever this process runs as, as the machine knows them. */
export interface LocalUser {
  readonly name: string;
  /** A directory that is there. */
  readonly home: string;
  readonly shell: string;
}

/** Many containers have no entry for the user, nor the home and the shell that an entry names. */
export function localUser(): LocalUser {
  const { name, home, shell } = entry();
  return {
    name,
    home: home !== null && existsSync(home) ? home : '/',
    shell: shell !== null && existsSync(shell) ? shell : '/bin/sh',
  };
}

function entry(): { name: string; home: string | null; shell: string | null } {
  try {
    const { username, homedir, shell } = userInfo();
    return { name: username, home: homedir, shell };
  } catch {
    return { name: `uid-${process.getuid?.() ?? 0}`, home: null, shell: null };
  }
}

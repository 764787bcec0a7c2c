import { printable } from '../kernel/printable.ts';

/** A screenful of law is enough; a target that sends more is cut. */
const MAX_LINES = 50;
const MAX_LINE = 250;
const MAX_BYTES = 8 * 1024;

/** How the bastion's own sentences begin: a target's must not pass for one. */
const LIKE_OURS = /^\s*bastion\s*:/i;

/**
 * Hands on what a target says before the login (SSH_MSG_USERAUTH_BANNER, RFC 4252 §5.4) line by line, fit for a
 * terminal, and no more than a person reads, however often it is called.
 */
export function bannerReader(tell: (line: string) => void): (text: string) => void {
  let lines = MAX_LINES;
  let bytes = MAX_BYTES;
  return (text) => {
    const part = text.slice(0, bytes);
    bytes -= part.length;
    for (const line of part.replace(/\r?\n$/, '').split(/\r?\n/)) {
      if (lines-- <= 0 || part === '') return;
      const shown = printable(line.replaceAll('\t', '    '), MAX_LINE);
      tell(LIKE_OURS.test(shown) ? `> ${shown}` : shown);
    }
  };
}

import { shellQuoted } from '../../kernel/shell-word.ts';
import type { Outline } from '../outline.ts';
import { optionValues } from './places.ts';

/**
 * The two questions the scripts for bash and zsh ask, as functions both shells understand. `_bastion_place` sets what
 * may follow a command, and fails where there is none; `places` are its branches, as the shell wants the words.
 * `_bastion_value` sets what an option takes there, nothing when it takes nothing.
 */
export function lookups(places: readonly string[], root: Outline): string {
  const values = optionValues(root).map(
    ({ at, everywhere, spec }) => `    ${everywhere ? '*' : ''}${shellQuoted(at)}) value=${shellQuoted(spec)} ;;`,
  );
  return `
_bastion_place() {
  case $1 in
${places.join('\n')}
    *) return 1 ;;
  esac
}

_bastion_value() {
  value=
  case "$1 $2" in
${values.join('\n')}
  esac
}
`;
}

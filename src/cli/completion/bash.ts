import { shellQuoted } from '../../kernel/shell-word.ts';
import type { Outline } from '../outline.ts';
import { lookups } from './lookups.ts';
import { commandPlaces } from './places.ts';

const words = (all: readonly { readonly word: string }[]) => all.map(({ word }) => word).join(' ');

/** A completion script for bash 4.3 or newer; needs nothing of the bash-completion package. */
export function bashCompletion(root: Outline): string {
  const places = commandPlaces(root).map(
    ({ path, commands, options, args, repeats }) =>
      `    ${shellQuoted(path)}) below=(${words(commands)}) flags=(${words(options)}) args=(${args.map(shellQuoted).join(' ')}) repeats=${repeats ? 1 : ''} ;;`,
  );
  return `# Completion of bastion for bash. Made by "bastion completion bash".
${lookups(places, root)}${ENGINE}`;
}

/** Names are data: they are compared and shellQuoted, and never evaluated. */
const ENGINE = `
_bastion() {
  local -a words=() below=() flags=() args=() place=() found=()
  local i token line=$COMP_LINE path= value= waiting= repeats= only_args= position=0 before= one
  # bash splits at = and :, which are parts of our words
  for ((i = 0; i <= COMP_CWORD; i++)); do
    token=\${COMP_WORDS[i]}
    if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      words+=("$token")
    else
      words[-1]+=$token
    fi
    line=\${line#"$token"}
  done
  local cur=\${words[-1]}
  _bastion_place ''
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    token=\${words[i]}
    if [[ $waiting ]]; then
      case $waiting in --data | --config) place+=("$waiting" "$token") ;; esac
      waiting=
    elif [[ $only_args ]]; then
      position=$((position + 1))
    elif [[ $token == -- ]]; then
      only_args=1
    elif [[ $token == -*=* ]]; then
      case $token in --data=* | --config=*) place+=("$token") ;; esac
    elif [[ $token == -* ]]; then
      _bastion_value "$path" "$token"
      [[ $value ]] && waiting=$token
    elif _bastion_place "$path $token"; then
      path+=" $token"
    else
      position=$((position + 1))
    fi
  done

  local -a spec=()
  if [[ $waiting ]]; then
    _bastion_value "$path" "$waiting"
    spec=($value)
  elif [[ ! $only_args && $cur == --*=* ]]; then
    _bastion_value "$path" "\${cur%%=*}"
    before=\${cur%%=*}=
    spec=($value)
  elif [[ ! $only_args && $cur == -* ]]; then
    found=("\${flags[@]}")
  elif ((\${#below[@]})); then
    found=("\${below[@]}")
  else
    [[ $repeats ]] && ((position >= \${#args[@]})) && position=$((\${#args[@]} - 1))
    spec=(\${args[position]-})
  fi
  case \${spec[0]-} in
    file | directory)
      compopt -o filenames 2>/dev/null
      local how=-f
      [[ \${spec[0]} == directory ]] && how=-d
      mapfile -t COMPREPLY < <(compgen $how -- "\${cur#"$before"}")
      return
      ;;
    words) found=("\${spec[@]:1}") ;;
    names)
      local typed=\${cur##*[,=]}
      mapfile -t found < <("\${words[0]/#\\~/$HOME}" "\${place[@]}" completion-names "\${spec[1]}" -- "\${typed//\\\\/}" 2>/dev/null </dev/null)
      found=("\${found[@]%%$'\\t'*}")
      ;;
  esac
  # the names before it of a comma list stay
  [[ \${spec[0]-} && $cur == *,* ]] && before=\${cur%,*},
  # and so does what readline takes for a word of its own
  local kept=\${cur%"\${cur##*[=:]}"}
  for one in "\${found[@]}"; do
    printf -v one %q "$one"
    one=$before$one
    [[ $one == "$cur"* ]] && COMPREPLY+=("\${one#"$kept"}")
  done
}
complete -F _bastion bastion
`;

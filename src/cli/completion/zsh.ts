import { shellQuoted } from '../../kernel/shell-word.ts';
import type { Outline } from '../outline.ts';
import { lookups } from './lookups.ts';
import { commandPlaces, type Word } from './places.ts';

const described = (all: readonly Word[]) =>
  all.map(({ word, text }) => shellQuoted(`${word.replaceAll(':', '\\:')}:${text}`)).join(' ');

/** A completion function for zsh, as a file `_bastion` in its fpath or sourced. */
export function zshCompletion(root: Outline): string {
  const places = commandPlaces(root).map(
    ({ path, commands, options, args, repeats }) => `    ${shellQuoted(path)})
      below=(${described(commands)})
      flags=(${described(options)})
      args=(${args.map(shellQuoted).join(' ')}) repeats=${repeats ? 1 : ''} ;;`,
  );
  return `#compdef bastion
# Completion of bastion for zsh. Made by "bastion completion zsh".
${lookups(places, root)}${ENGINE}`;
}

const ENGINE = `
_bastion() {
  local -a below flags args place found spec
  local i token at= value= waiting= repeats= only_args= position=0
  _bastion_place ''
  for ((i = 2; i < CURRENT; i++)); do
    token=\${(Q)words[i]}
    if [[ -n $waiting ]]; then
      case $waiting in --data | --config) place+=($waiting $token) ;; esac
      waiting=
    elif [[ -n $only_args ]]; then
      ((position++))
    elif [[ $token == -- ]]; then
      only_args=1
    elif [[ $token == -*=* ]]; then
      case $token in --data=* | --config=*) place+=($token) ;; esac
    elif [[ $token == -* ]]; then
      _bastion_value "$at" "$token"
      [[ -n $value ]] && waiting=$token
    elif _bastion_place "$at $token"; then
      at+=" $token"
    else
      ((position++))
    fi
  done

  if [[ -n $waiting ]]; then
    _bastion_value "$at" "$waiting"
    spec=(\${=value})
  elif [[ -z $only_args && $PREFIX == --*=* ]]; then
    _bastion_value "$at" "\${PREFIX%%\\=*}"
    compset -P 1 '*='
    spec=(\${=value})
  elif [[ -z $only_args && $PREFIX == -* ]]; then
    _describe -o option flags
    return
  elif (($#below)); then
    _describe command below
    return
  else
    [[ -n $repeats ]] && ((position >= $#args)) && position=$(($#args - 1))
    spec=(\${=args[position + 1]-})
  fi
  case \${spec[1]-} in
    file) _files ;;
    directory) _files -/ ;;
    words)
      compset -P '*,'
      found=("\${(@)spec[2,-1]}")
      _describe value found
      ;;
    names)
      compset -P '*,'
      found=("\${(@f)$(_call_program names \${(q)words[1]} \${(q)place} completion-names \${spec[2]} -- \${(q)\${(Q)PREFIX}} 2>/dev/null </dev/null)}")
      # name, tab, text: what _describe wants has a colon between them, and none in the name
      found=("\${(@)found:#}")
      local -a named
      for token in "\${found[@]}"; do
        named+=("\${\${token%%$'\\t'*}//:/\\\\:}:\${token#*$'\\t'}")
      done
      _describe \${spec[2]} named
      ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _bastion "$@"
else
  compdef _bastion bastion
fi
`;

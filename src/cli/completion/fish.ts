import type { Outline } from '../outline.ts';
import { commandPlaces, optionValues, type Word } from './places.ts';

/** In single quotes, as fish reads it. */
const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;

const described = (all: readonly Word[]) => all.map(({ word, text }) => quoted(`${word}\t${text}`)).join(' ');

/** A completion script for fish 3. */
export function fishCompletion(root: Outline): string {
  const places = commandPlaces(root).map(
    ({ path, commands, options, args, repeats }) => `        case ${quoted(path)}
            set below ${described(commands)}
            set flags ${described(options)}
            set args ${args.map(quoted).join(' ')}
            set repeats ${repeats ? 1 : ''}`,
  );
  const values = optionValues(root).map(
    ({ at, everywhere, spec }) => `        case ${everywhere ? "'*'" : ''}${quoted(at)}
            echo ${quoted(spec)}`,
  );
  return `# Completion of bastion for fish. Made by "bastion completion fish".

function __bastion_place --no-scope-shadowing
    switch $argv[1]
${places.join('\n')}
        case '*'
            return 1
    end
    # set leaves the status of the command before it
    return 0
end

function __bastion_value
    switch "$argv[1] $argv[2]"
${values.join('\n')}
    end
end
${ENGINE}`;
}

const ENGINE = `
function __bastion_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l below
    set -l flags
    set -l args
    set -l repeats
    set -l at ''
    set -l waiting ''
    set -l only_args ''
    set -l place
    set -l position 1
    __bastion_place ''
    for token in $words[2..]
        if test -n "$waiting"
            contains -- $waiting --data --config; and set -a place $waiting $token
            set waiting ''
        else if test -n "$only_args"
            set position (math $position + 1)
        else if test "$token" = --
            set only_args 1
        else if string match -q -- '-*=*' $token
            string match -qr -- '^--(data|config)=' $token; and set -a place $token
        else if string match -q -- '-*' $token
            test -n (__bastion_value "$at" $token | string collect -a); and set waiting $token
        else if __bastion_place "$at $token"
            set at "$at $token"
        else
            set position (math $position + 1)
        end
    end

    set -l spec
    set -l before ''
    if test -n "$waiting"
        set spec (string split ' ' -- (__bastion_value "$at" $waiting))
    else if test -z "$only_args"; and string match -q -- '--*=*' $cur
        set -l parts (string split -m 1 = -- $cur)
        set before "$parts[1]="
        set cur $parts[2]
        set spec (string split ' ' -- (__bastion_value "$at" $parts[1]))
    else if test -z "$only_args"; and string match -q -- '-*' $cur
        string join \\n -- $flags
        return
    else if set -q below[1]
        string join \\n -- $below
        return
    else
        set -l count (count $args)
        test -n "$repeats"; and test $position -gt $count; and set position $count
        test $position -le $count; and set spec (string split ' ' -- $args[$position])
    end
    set -l found
    switch "$spec[1]"
        case file
            __fish_complete_path $cur
            return
        case directory
            __fish_complete_directories $cur
            return
        case words
            set found $spec[2..]
        case names
            set -l typed (string replace -r '^.*,' '' -- $cur | string unescape)
            set found ($words[1] $place completion-names $spec[2] -- $typed 2>/dev/null </dev/null)
    end
    # the names before it of a comma list stay
    string match -q -- '*,*' $cur; and set before $before(string replace -r '[^,]*$' '' -- $cur)
    for one in $found
        echo $before$one
    end
end

complete -c bastion -f -a '(__bastion_complete)'
`;

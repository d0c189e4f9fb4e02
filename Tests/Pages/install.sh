#!/bin/bash
# What is installed starts, has its page, and completes in three shells.
set -eu
DESTDIR="$PWD/a place" PREFIX=/usr "$TOP/bin-scripts/install" >/dev/null
to="$PWD/a place/usr"
PATH=$to/bin:/usr/local/bin:/usr/bin:/bin
for command in "$to"/bin/smelt*; do
    name=${command##*/}
    "$command" --version >/dev/null
    bash -n "$to/share/bash-completion/completions/$name"
    zsh -n "$to/share/zsh/site-functions/_$name"
    fish -n "$to/share/fish/vendor_completions.d/$name.fish"
done
for page in smelt.1 smelt-runs.1 smelt-records.5 smelt.7; do
    mandoc -T lint -W error "$to/share/man/man${page##*.}/$page"
done
# The scripts are on the page of smelt(1), and found there by their own names.
cd "$to/share/man"
for script in smelt-run smelt-watch; do cmp <(mandoc "man1/$script.1") <(mandoc man1/smelt.1); done
cd - >/dev/null
if readelf -S "$to/bin/smelt-runs" | grep -q '\.symtab'; then echo "smelt-runs is not stripped" && exit 1; fi

# shellcheck disable=SC2016 # for the other shells to expand
bash='. "$0"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _$1; echo "${COMPREPLY[*]}"'
complete() { bash -c "$bash" "$to/share/bash-completion/completions/$1" "${1//-/_}" "$@"; }
[ "$(complete smelt-runs li)" = list ]
[ "$(complete smelt-runs logs --st)" = --stream ]
[ "$(complete smelt-runs logs --stream std)" = "stdout stderr" ]
[ "$(complete smelt-run --dr)" = --dry-run ]
[ "$(complete smelt sta)" = status ]

# shellcheck disable=SC2016
zsh='fpath=("$0" $fpath); autoload -Uz compinit; compinit -u -d "$1/dump"
    autoload -Uz +X $_comps[smelt-runs] && print $_comps[smelt-runs] $_comps[smelt]'
[ "$(zsh -fc "$zsh" "$to/share/zsh/site-functions" "$PWD")" = "_smelt-runs _smelt" ]

# shellcheck disable=SC2016
fish='set fish_complete_path $argv[1] $fish_complete_path; complete -C "smelt-runs logs --st"; complete -C "smelt-runs li"
    complete -C "smelt-pr --no-"; complete -C "smelt-pr watch --no-"'
[ "$(fish -c "$fish" "$to/share/fish/vendor_completions.d" | cut -f 1 | tr '\n' ' ')" = "--stream list --no-pr " ]

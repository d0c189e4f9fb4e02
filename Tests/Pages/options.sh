#!/bin/bash
# A command's table, its page and its --help name the same options; the page names every form.
set -u
failed=0
complain() { echo "$*" && failed=1; }
for command in "$TOP"/bin-scripts/smelt-run "$BIN"/smelt-*; do
    name=${command##*/}
    # What smelt puts into containers is no command.
    [[ -f $command && $name != *.* && $name != smelt-inside ]] || continue
    page=$TOP/man/$name.1
    # The table of the scripts has a page between them; watch is as in smelt-pr(1).
    if [ "$name" = smelt-run ]; then page=$TOP/man/smelt.1; fi
    table=$("$command" --options)
    [ -n "$table" ] || complain "$name has no table"
    [ -e "$page" ] || { complain "$name has no page" && continue; }
    listed=$(cut -f 2 <<<"$table" | grep . | sort -u)
    # mdoc writes -x --long as "Fl x , Fl -long", "Fl x , -long" or "Fl Fl long".
    written=$(grep '^\.' "$page" | sed 's/Fl Fl /Fl -/g' | grep -oE '(Fl|,) -[a-z][a-z-]*' | sed 's/.* /-/' |
        grep -vxE -e '--help|--version|--interval-secs' | sort -u)
    diff <(echo "$listed") <(echo "$written") >differs ||
        complain "$name: table (<) and page (>) differ:" "$(grep '^[<>]' differs)"
    help=$("$command" --help)
    while IFS=$'\t' read -r _ option _; do
        [[ $option != --* || $help == *"$option"* ]] || complain "$name --help lacks $option"
    done <<<"$table"
    while read -r form; do
        grep -qE "Cm (.* )?$form\b" "$page" || complain "${page##*/} lacks $form"
    done < <(cut -f 1 <<<"$table" | sort -u | grep .)
done
exit $failed

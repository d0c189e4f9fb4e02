#!/bin/bash
# The table that sets smelt-exec beside others: each yes of ours names tests that there are, and the page names the same.
# shellcheck disable=SC2016 # the backquotes are those of the table
set -u
failed=0
complain() { echo "$*" && failed=1; }
rows=$(sed -n '/^| | smelt-exec /,/^$/p' "$TOP/README.md" | tail -n +3 | grep '^|')
ours=$(cut -d '|' -f 3 <<<"$rows")
[ "$(grep -c . <<<"$rows")" -ge 16 ] || complain "the README has lost its table"
tests=$(grep -oE '`[^`]+`' <<<"$ours" | tr -d '`' | grep -vx nobody | sort -u)
for name in $tests; do
    find "$TOP/Tests" -path "*/${name%.*}*" -type f | grep -q . || complain "there is no test '$name'"
done
page=$(sed -n '/^\.Sh COMPARISON/,/^\.Sh SEE ALSO/p' "$TOP/man/smelt-exec.1")
while IFS= read -r row; do
    grep -qE '^ yes: ' <<<"$row" || continue
    names=$(grep -oE '`[^`]+`' <<<"$row" | tr -d '`' | grep -vx nobody | paste -sd , | sed 's/,/, /g')
    [ -z "$names" ] || grep -qxF -- "$names" <<<"$page" || complain "the page does not name: $names"
done <<<"$ours"
[ "$(grep -c $'\tyes\t' <<<"$page")" = "$(grep -c . <<<"$rows")" ] || complain "the page's table has other rows"
exit $failed

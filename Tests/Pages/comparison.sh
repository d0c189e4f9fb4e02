#!/bin/bash
# The table that sets smelt-exec beside others: each yes of ours names tests that bin-scripts/test plays, and the page
# names the same.
# shellcheck disable=SC2016 # the backquotes are those of the table
set -u
failed=0
complain() { echo "$*" && failed=1; }
rows=$(sed -n '/^| | smelt-exec /,/^$/p' "$TOP/README.md" | tail -n +3 | grep '^|')
ours=$(cut -d '|' -f 3 <<<"$rows")
[ "$(grep -c . <<<"$rows")" -ge 16 ] || complain "the README has lost its table"
tests=$(grep -oE '`[^`]+`' <<<"$ours" | tr -d '`' | grep -vx nobody | sort -u)
# What is no transcript has to be a program in a directory that is played whole, here or in the machine.
can_run() { [ -f "$1" ] && [ -x "$1" ]; }
is_played() {
    local place test found=1
    case $1 in
    *.t) find "$TOP/Tests/Transcripts" -name "$1" -type f | grep -q . ;;
    Machine/*)
        for test in "$TOP/Tests/$1"/*.sh; do can_run "$test" && found=0 || return 1; done
        return $found
        ;;
    inside/* | managed/*) can_run "$TOP/Tests/Machine/$1.sh" ;;
    *)
        for place in Pages Pipelines Conformance Attacks; do
            for test in "$TOP/Tests/$place/$1" "$TOP/Tests/$place/$1.sh"; do can_run "$test" && return; done
        done
        return 1
        ;;
    esac
}
while IFS='|' read -r _ row word _; do
    case $word in
    *" yes: "*'`'*) ;;
    *) complain "no test stands behind '$row'" ;;
    esac
done <<<"$rows"
for place in Pages Pipelines Conformance Attacks; do
    grep -qF "\"\$TOP\"/Tests/$place/*" "$TOP/Tests/scripts" || complain "Tests/scripts leaves '$place' out"
done
for name in $tests; do
    is_played "$name" || complain "bin-scripts/test plays no '$name'"
done
# "Each attack runs as nobody, too": by this, or it is no attack on smelt-exec.
for test in "$TOP"/Tests/Attacks/exec-*.sh; do
    { can_run "$test" && grep -q '^attempt ' "$test"; } || complain "'${test##*/}' does not run as root and as another user"
done
page=$(sed -n '/^\.Sh COMPARISON/,/^\.Sh SEE ALSO/p' "$TOP/man/smelt-exec.1")
while IFS= read -r row; do
    grep -qE '^ yes: ' <<<"$row" || continue
    names=$(grep -oE '`[^`]+`' <<<"$row" | tr -d '`' | grep -vx nobody | paste -sd , | sed 's/,/, /g')
    [ -z "$names" ] || grep -qxF -- "$names" <<<"$page" || complain "the page does not name: $names"
done <<<"$ours"
while read -r name; do
    grep -qxF -- "$name" <<<"$tests" || complain "the page names '$name', and the README does not"
done < <(sed -n '/^The tests behind ours/,/^\.El/{/^\./d;/^The tests/d;/^all attacks/d;s/, /\n/g;p}' <<<"$page")
[ "$(grep -c $'\tyes\t' <<<"$page")" = "$(grep -c . <<<"$rows")" ] || complain "the page's table has other rows"
exit $failed

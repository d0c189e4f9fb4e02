#!/bin/bash
# smelt-records(5) has every record type and every member that the sources have, and no other.
set -u
cd "$TOP/Sources/Records" || exit
files="RunPlanned.swift Job.swift Session.swift Delivery.swift ReviewRules.swift KubernetesTarget.swift $(grep -l ': Record {\|Record: Record' ./*.swift | grep -v History)"
# shellcheck disable=SC2086
types=$(sed -n 's/.*static let type = "\(..*\)".*/\1/p' $files | sort -u)
# shellcheck disable=SC2086
members=$(sed -n 's/^ *package var \([A-Za-z0-9]*\): [^{=]*$/\1/p' $files | sort -u)
page=$TOP/man/smelt-records.5
written=$(grep '^\.Ss' "$page" | tr -s ' ,' '\n' | grep -E '^[a-z_]+\.[a-z]+$|^output$|^failed$|^egress$|^denied$' | sort -u)
named=$(grep -oE '(Va|Op Va) .*' "$page" | tr -s ' ,.;' '\n' | grep -vx 'Va\|Op\|Pq\|Ql' | sort -u)
if [ -z "$types" ] || [ -z "$members" ]; then exit 70; fi
diff <(echo "$types") <(echo "$written") && diff <(printf '%s\nv\ntype\ntime\nrun\n' "$members" | sort -u) <(echo "$named")

#!/bin/bash
# On a full disk add says so and ends with 74; everything that was acknowledged before is there, and when there is room again,
# all goes on. The same where a file may grow no more, which is an error of another kind.
set -u
unshare -rm true 2>/dev/null || { echo "no user namespaces here" && exit 77; }
# shellcheck disable=SC2016 # for the inner shell
unshare -rm bash -c '
    mkdir -m 700 "$SMELT_STATE_DIR" && mount -t tmpfs -o size=400k,mode=700 none "$SMELT_STATE_DIR" || exit 70
    for round in 1 2; do
        while id=$(smelt-queue add -- true 2>said) || { status=$? && false; }; do echo "$id" >>ids; done
        [ "$status" = 74 ] || { echo "not 74: $(cat said)" && exit 1; }
        grep -q "no space is left" said || { cat said && exit 1; }
        [ "$(wc -l <ids)" -gt 10 ] || { echo "only $(wc -l <ids) fitted in" && exit 1; }
        mount -o remount,size=8M "$SMELT_STATE_DIR"
        smelt-queue verify || exit 1
        diff <(sort ids) <(smelt-queue list --limit 100000 | jq -r .id | sort) || exit 1
        smelt-queue add -- true >>ids || exit 1
        used=$(du -k "$SMELT_STATE_DIR" | cut -f 1) && mount -o remount,size=$((used + 200))k "$SMELT_STATE_DIR"
    done
' || exit 1
export SMELT_STATE_DIR=$HOME/other
smelt-queue add -- true >ids
(
    trap '' XFSZ
    ulimit -f 300
    while id=$(smelt-queue add -- true 2>said) || { status=$? && false; }; do echo "$id" >>ids; done
    [ "$status" = 74 ] || { echo "not 74: $(cat said)" && exit 1; }
) || exit 1
smelt-queue verify || exit 1
diff <(sort ids) <(smelt-queue list --limit 100000 | jq -r .id | sort)

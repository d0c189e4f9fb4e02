#!/bin/bash
# Jobs in the spool that cannot be taken in, for want of room, are told of by every command and hidden by none: what waits for
# them or asks for them is not told that they are not there. With room they are what they would have been.
set -u
unshare -rm true 2>/dev/null || { echo "no user namespaces here" && exit 77; }
# shellcheck disable=SC2016 # for the inner shell
unshare -rm bash -c '
    mkdir -m 700 "$SMELT_STATE_DIR" && mount -t tmpfs -o size=1M,mode=700 none "$SMELT_STATE_DIR" || exit 70
    first=$(smelt-queue add -- true)
    dd if=/dev/zero of="$SMELT_STATE_DIR/other" bs=4k 2>/dev/null
    late=$(smelt-queue add -- late) || exit 1
    ended() { # STATUS COMMAND...
        "${@:2}" >out 2>said; status=$?
        [ "$status" = "$1" ] || { echo "${*:2}: $status, not $1: $(cat said)" && exit 1; }
        grep -q "jobs that were just added are left out: .*no space is left" said || { echo "${*:2} says: $(cat said)" && exit 1; }
    }
    ended 0 smelt-queue list
    [ "$(jq -r .id <out)" = "$first" ] || { cat out && exit 1; }
    ended 0 smelt-queue show "$first"
    ended 74 smelt-queue show "$late"
    ended 74 smelt-queue wait "$late"
    ended 74 smelt-queue logs "$late"
    ended 74 smelt-queue cancel "$late"
    ended 74 smelt-queue verify
    ended 74 smelt-queue backup copy
    [ ! -e copy ] || exit 1
    more=$(smelt-queue add -- more) || exit 1
    rm "$SMELT_STATE_DIR/other"
    [ "$(smelt-queue list | jq -r .id)" = "$more
$late
$first" ] || { smelt-queue list && exit 1; }
    smelt-queue verify
'

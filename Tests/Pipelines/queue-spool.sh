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
    ended() { # STATUS SENTENCE COMMAND...
        "${@:3}" >out 2>said; status=$?
        [ "$status" = "$1" ] || { echo "${*:3}: $status, not $1: $(cat said)" && exit 1; }
        [ "$(wc -l <said)" = 1 ] && grep -q "^smelt-queue: $2.*no space is left" said || { echo "${*:3} says: $(cat said)" && exit 1; }
    }
    ended 0 "jobs that were just added are left out: " smelt-queue list
    [ "$(jq -r .id <out)" = "$first" ] || { cat out && exit 1; }
    ended 0 "jobs that were just added are left out: " smelt-queue stats
    smelt-queue show "$first" >out 2>said && [ ! -s said ] || exit 1
    for verb in show wait logs "events -f" cancel hold; do ended 74 "could not write" smelt-queue $verb "$late"; done
    for words in verify "backup copy" "add --unique key -- true"; do ended 74 "could not write" smelt-queue $words; done
    [ ! -e copy ] || exit 1
    more=$(smelt-queue add -- more) || exit 1
    rm "$SMELT_STATE_DIR/other"
    [ "$(smelt-queue list | jq -r .id)" = "$more
$late
$first" ] || { smelt-queue list && exit 1; }
    smelt-queue verify
' || exit 1

# Who has it and is stopped keeps nobody from adding, and is told of.
export SMELT_STATE_DIR=$HOME/other
smelt-queue add -- true >/dev/null
waiting=$(smelt-queue add -- true)
exec {lock}<>"$SMELT_STATE_DIR/smelt.db-spool"
flock "$lock"
one=$(smelt-queue add -- true) && two=$(smelt-queue add --priority 3 -- true) || exit 1
smelt-queue list >out 2>said || exit 1
grep -q "^smelt-queue: jobs that were just added are left out: could not write to .*smelt.db-spool" said || { cat said && exit 1; }
if [ "$(wc -l <out)" != 3 ] || ! grep -q "$one" out || ! grep -q "$two" out; then cat out && exit 1; fi
smelt-queue add --unique key -- true 2>said
[ $? = 75 ] || exit 1
flock -u "$lock"
smelt-queue show "$waiting" >/dev/null && smelt-queue verify


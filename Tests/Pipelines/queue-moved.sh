#!/bin/bash
# Who waits for news of the queue keeps a restore from taking its place, and ends when somebody moves the file away all the
# same: he makes no new queue beside the old one's log.
set -eu
id=$(smelt-queue add --hold -- true)
smelt-queue backup copy
mkfifo told calls
smelt-queue events -f "$id" >told 2>said & follower=$!
exec 3<told
read -r _ <&3
strace -qq -e trace=inotify_add_watch -o calls smelt-queue wait "$id" 2>waited & waiter=$!
exec 4<calls
until read -r call <&4 && [[ $call == *smelt.db-wal* ]]; do :; done
trap 'kill $follower $(cat "/proc/$waiter/task/$waiter/children") $waiter 2>/dev/null' EXIT
ended() { # STATUS FILE SENTENCE
    [ "$1" = 75 ] || { echo "$1, not 75: $(cat "$2")" && exit 1; }
    grep "$3" "$2" || { cat "$2" && exit 1; }
}
status=0
smelt-queue restore copy 2>refused || status=$?
ended "$status" refused "somebody uses '.*/smelt.db'"
mv "$SMELT_STATE_DIR/smelt.db" "$SMELT_STATE_DIR/elsewhere"
status=0
wait "$follower" || status=$?
ended "$status" said "another file has the name"
status=0
wait "$waiter" || status=$?
ended "$status" waited "another file has the name"
trap - EXIT
[ ! -e "$SMELT_STATE_DIR/smelt.db" ]

#!/bin/bash
# An id is printed when the job is on the disk, not before: the last sync of where it was written comes before the answer, and
# nothing is written to the queue between the two. A job that nothing else has to be known of goes to the spool, and any other
# through the log.
set -eu
smelt-queue add -- first >/dev/null
ordered() { # WHERE WORD...
    strace -y -e trace=fsync,fdatasync,write,pwrite64 -o calls smelt-queue add "${@:2}" >id
    calls=$(grep -nE '^(fsync|fdatasync|write|pwrite64)\(' calls)
    sync=$(grep -E "f(data)?sync\([0-9]+<[^>]*/smelt\.db-$1>" <<<"$calls" | tail -n 1 | cut -d : -f 1)
    answer=$(grep -F "\"$(cat id)\\n\"" <<<"$calls" | cut -d : -f 1)
    [ -n "$sync" ] && [ -n "$answer" ] && [ "$sync" -lt "$answer" ]
    last=$(grep -E 'write(64)?\([0-9]+<[^>]*/smelt\.db' <<<"$calls" | awk -F : -v answer="$answer" '$1 < answer' | tail -n 1 | cut -d : -f 1)
    [ "$last" -lt "$sync" ]
}
ordered spool -- true
ordered wal --unique key -- true
ordered spool -- true
smelt-queue list | grep -c "$(cat id)" >/dev/null

# What is known as taken in is on the disk in both places before it is removed from one.
smelt-queue add -- true >/dev/null
strace -y -e trace=fdatasync -o synced smelt-queue list >/dev/null
[ "$(sed -n 's/^fdatasync([0-9]*<.*db-\([a-z]*\)>.*/\1/p' synced | tr '\n' ' ')" = "spool wal spool " ]

# The directory is synced with a log that is new, and no more when it was begun anew, which a few jobs bring about.
export SMELT_STATE_DIR=$HOME/other
smelt-queue add -- first >/dev/null
number=0
add() { number=$((number + 1)) && smelt-queue add --unique "$number" -- true >/dev/null; }
synced() { number=$((number + 1)) && strace -y -e trace=fsync,fdatasync -o synced smelt-queue add --unique "$number" -- true >/dev/null && sed -n 's/^f.*sync([0-9]*<.*\/\([^/]*\)>.*/\1/p' synced; }
[ "$(synced)" = "smelt.db-wal
${SMELT_STATE_DIR##*/}" ]
for _ in {1..12}; do add; done
# One in a few moves the log into the file, but not two in a row.
[ "$(synced)" = smelt.db-wal ] || [ "$(synced)" = smelt.db-wal ]

#!/bin/sh
# A full disk: the state cannot be written, the fault is 74, and with room again the same run works.
set -eu
[ "$(id -u)" = 0 ] || { echo "mounting a small file system takes root"; exit 77; }
. "$TOP/Tests/Transcripts/environment.sh"
head -c 3000000 /dev/urandom >repo/large
git -C repo add . && git -C repo commit -qm large
planned repo >plan
mkdir -p "$SMELT_STATE_DIR"
truncate -s 64M disk && mkfs.ext4 -q -m 0 -O ^has_journal disk
mount -o loop disk "$SMELT_STATE_DIR" || { echo "no mounts here"; exit 77; }
chmod 700 "$SMELT_STATE_DIR"
head -c 1G /dev/zero 2>/dev/null >"$SMELT_STATE_DIR/full" || truncate -s -2M "$SMELT_STATE_DIR/full"
trap 'umount "$SMELT_STATE_DIR"' EXIT
status=0
smelt-provision <plan >out 2>complaints || status=$?
cat complaints
[ $status = 74 ] || [ $status = 69 ]
tail -n 1 out | grep -q '"type":"failed"'
[ ! -d "$SMELT_STATE_DIR/environments" ] || [ "$(ls -A "$SMELT_STATE_DIR/environments")" = .lock ]
rm "$SMELT_STATE_DIR/full"
smelt-provision <plan >out
tail -n 1 out | grep -q environment.ready
smelt-provision release <out >/dev/null
# The records themselves do not fit: what was made is cleared away by the next gc.
status=0
smelt-provision <plan >/dev/full 2>complaints || status=$?
[ $status = 74 ]
smelt-provision gc
[ "$(ls -A "$SMELT_STATE_DIR/environments")" = .lock ]

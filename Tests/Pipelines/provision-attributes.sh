#!/bin/sh
# Where the state directory's file system keeps no attributes of users, an environment is refused and nothing is left: in an
# overlay there a session could remove no directory of its checkout.
set -eu
[ "$(id -u)" = 0 ] || { echo "mounting such a file system takes root"; exit 77; }
. "$TOP/Tests/Transcripts/environment.sh"
planned repo >plan
mkdir -p "$SMELT_STATE_DIR"
mount -t ramfs -o mode=700 none "$SMELT_STATE_DIR" || { echo "no mounts here"; exit 77; }
trap 'umount "$SMELT_STATE_DIR"' EXIT
status=0
smelt-provision <plan >out 2>complaints || status=$?
cat complaints
[ $status = 69 ]
grep -q "its file system keeps no attributes 'user.\*'" complaints
tail -n 1 out | grep -q '"code":"no_attributes"'
[ "$(ls -A "$SMELT_STATE_DIR/environments")" = .lock ]

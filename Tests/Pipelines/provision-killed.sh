#!/bin/sh
# smelt-provision killed at random moments leaves nothing that gc does not clear away, and nothing that
# stands in the way of the next run. $KILLS times (30); the seed is printed.
set -eu
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "seed $seed"
. "$TOP/Tests/Transcripts/environment.sh"
for number in $(seq 300); do echo "$number" >"repo/file$number"; done
git -C repo add . && git -C repo commit -qm many
planned repo >plan
moments=$(awk -v seed="$seed" -v count="${KILLS:-30}" \
    'BEGIN { srand(seed); for (i = 0; i < count; i++) printf "%.4f\n", 0.001 + rand() * 0.25 }')
for moment in $moments; do
    # A new commit each time: import, checkout and environment are all made anew.
    git -C repo commit -q --allow-empty -m "$moment"
    timeout -s KILL "$moment" smelt-provision <plan >out 2>complaints || :
done
smelt-provision gc --older-than 0s
[ "$(ls -A "$SMELT_STATE_DIR/environments")" = .lock ]
[ "$(ls -A "$SMELT_STATE_DIR/checkouts")" = .lock ]
if [ -d /run/smelt/users ]; then
    for user in /run/smelt/users/*; do
        case $(readlink "$user") in "$SMELT_STATE_DIR"*) echo "left: $user"; exit 1 ;; esac
    done
fi
git --git-dir "$SMELT_STATE_DIR/import.git" fsck --connectivity-only --no-dangling
smelt-provision <plan | smelt-provision release | tail -n 1 | grep -q '"removed":true'

#!/bin/sh
# The units of the queue in examples/: adding a job starts the daemon, stopping it gives back what runs, and the next job
# starts it again.
# shellcheck source=Tests/Machine/managed/common
. "$TOP/Tests/Machine/managed/common"
SMELT_STATE_DIR=/var/tmp/state/smelt
export SMELT_STATE_DIR
mkdir -p "$SMELT_STATE_DIR" /etc/smelt
printf 'queue_dir = "%s/drop"\nmax_concurrent = 1\n[exec]\noptions = ["--read-write", "%s"]\n' "$HOME" "$place" >/etc/smelt/server.toml
# Where the manager of this machine looks, and where no other queue is; installed elsewhere, and for the machine, where a unit has no home.
sed "s|^ExecStart=|&$BIN/|; s|^Delegate=|Environment=SMELT_STATE_DIR=$SMELT_STATE_DIR\n&|" \
    "$TOP/examples/smelt-queue.service" >/run/units/smelt-queue.service
sed 's|%h/.local/state|/var/tmp/state|' "$TOP/examples/smelt-queue.path" >/run/units/smelt-queue.path
systemctl daemon-reload
systemctl start smelt-queue.path || fails "the path unit does not start"
is "the daemon before there is a queue" "$(systemctl is-active smelt-queue)" inactive

one=$("$BIN/smelt-queue" add -- true)
timeout 100 "$BIN/smelt-queue" wait "$one" || fails "the first job: $(systemctl status smelt-queue)"
is "the daemon once a job was added" "$(systemctl is-active smelt-queue)" active

two=$("$BIN/smelt-queue" add -- sh -c "echo >$place/ready; exec tail -f /dev/null")
ready "the second job"
systemctl stop smelt-queue || fails "the daemon does not stop"
is "the job that ran" "$("$BIN/smelt-queue" show --json "$two" | jq -r .state)" queued
"$BIN/smelt-queue" cancel "$two"
three=$("$BIN/smelt-queue" add -- true)
timeout 100 "$BIN/smelt-queue" wait "$three" || fails "the third job: $(systemctl status smelt-queue)"
systemctl stop smelt-queue.path smelt-queue
finish

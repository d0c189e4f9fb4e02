#!/bin/sh
# The clock is set a day forwards, and two days back, under two daemons with leases of four seconds: no lease is lost, what was to come
# comes once, and what waits to be tried again does not wait for that day.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

work=$HOME/work
turn() { date -s "@$(($(date +%s) + $1))" >/dev/null; }
# No time of the schedule below comes by itself.
turn $((60 - $(date +%s) % 600))
mkdir -m 777 "$work"
printf 'queue_dir = "%s/drop"\nmax_concurrent = 4\nlease_secs = 4\n[exec]\noptions = ["--read-write", "%s"]\n' "$HOME" "$work" >server.toml
mkfifo -m 666 "$work/feed"
exec 3<>"$work/feed"
smelt-queue serve -c server.toml 2>first & first=$!
smelt-queue serve -c server.toml --beside 2>second & second=$!
trap 'kill $first $second 2>/dev/null; turn 85200' EXIT

until_told() { timeout 120 smelt-queue events -f "$1" | grep -m 1 "$2" >/dev/null || fails "job $1 never told $2: $(smelt-queue events "$1")"; }
states() { smelt-queue events "$1" | jq -r 'select(.record.type == "job.changed") | .record.to' | tr '\n' ' '; }
over() { timeout 120 smelt-queue wait "$1" || [ $? = 1 ] || fails "job $1 is not over: $(smelt-queue show --json "$1")"; }
made() { smelt-queue list --limit 1000 | jq -r 'select(.name == "often" and .every == null) | .id' | wc -l; }
# Longer than a lease.
while_leases_pass() { over "$(smelt-queue add -- sleep 6)"; }

long=$(smelt-queue add -- sh -c "echo ready; read -r line <$work/feed; echo got \$line")
until_told "$long" '"ready'
at=$(smelt-queue add --at +1h -- true)
often=$(smelt-queue add --name often --every '*/10 * * * *' -- true)

turn 86400
over "$at"
is "what became of what was due meanwhile" "$(states "$at")" "scheduled queued running succeeded "
while_leases_pass
is "the jobs of a day that was left out" "$(made)" 1
is "a job that runs" "$(states "$long")" "queued running "

failing=$(smelt-queue add --retries 1 --backoff 10s -- false)
until_told "$failing" '"to":"retrying"'
turn -172800
over "$failing"
is "the attempts of what was to be tried again" "$(states "$failing" | grep -o running | wc -l)" 2
while_leases_pass
is "the jobs of days that come again" "$(made)" 1
due=$(smelt-queue show --json "$often" | jq -r '.due | sub("\\.[0-9]*"; "") | fromdate')
below "when the next of them is due" "$due" "$(($(date +%s) + 601))"
is "a job that runs" "$(states "$long")" "queued running "

turn 1200
while_leases_pass
is "the jobs when its time has come" "$(made)" 2
echo fed >&3
over "$long"
is "what became of it" "$(states "$long")" "queued running succeeded "
is "what it said" "$(smelt-queue logs "$long" | tr '\n' ' ')" "ready got fed "
smelt-queue verify || fails "the store is not in order"
[ ! -s first ] || fails "the first daemon says: $(cat first)"
[ ! -s second ] || fails "the second daemon says: $(cat second)"
kill $first $second
wait $first || fails "the first daemon ended with $?"
wait $second || fails "the second daemon ended with $?"
finish

#!/bin/sh
# What `smelt run` does, written out, with two things of one's own: all records are kept in a file,
# and a line is shown whenever a session ends. Usage: plain.sh MANIFEST [LOG]
set -eu
manifest=${1:?usage: plain.sh MANIFEST [LOG]}
log=${2:-records.jsonl}

smelt-manifest plan "$manifest" | smelt-provision | smelt-exec | smelt-collect |
    smelt-provision release | smelt-review | smelt-pr | smelt-runs record | tee "$log" |
    jq --unbuffered -r 'select(.type == "session.finished") | "\(.session): \(.ending)"'

# The status of a pipe in sh is that of its last command; the run's own is in the last record.
status=$(jq 'select(.type == "run.finished").status' "$log")
exit "${status:-70}"

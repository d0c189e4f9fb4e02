#!/bin/bash
# What a run promises, on the runtime docker, and what is that engine's alone.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [[ $variables == *STARTED=yes* ]]; then trap '"$TOP/Tests/Engine/docker" stop' EXIT; fi
eval "$variables"
status=0
for part in "engine.py" "images.py" "disks.py" "examples.py docker" "rows.py docker"; do
    # shellcheck disable=SC2086 # a program and its word
    python3 "$TOP/Tests/Conformance/"$part || status=1
done
exit $status

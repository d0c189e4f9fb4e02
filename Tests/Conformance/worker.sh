#!/bin/bash
# A worker whose sessions run in containers of that worker's engine.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [[ $variables == *STARTED=yes* ]]; then trap '"$TOP/Tests/Engine/docker" stop' EXIT; fi
eval "$variables"
python3 "$TOP/Tests/Conformance/worker.py"

#!/bin/bash
# What a run promises, on the runtime compose: each row with a service beside its sessions.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [[ $variables == *STARTED=yes* ]]; then trap '"$TOP/Tests/Engine/docker" stop' EXIT; fi
eval "$variables"
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null ||
    { echo "there is neither 'docker compose' nor docker-compose" && exit 77; }
python3 "$TOP/Tests/Conformance/rows.py" compose

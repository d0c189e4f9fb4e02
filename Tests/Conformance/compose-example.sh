#!/bin/bash
# The example for the runtime compose, with a database of Debian's.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [[ $variables == *STARTED=yes* ]]; then trap '"$TOP/Tests/Engine/docker" stop' EXIT; fi
eval "$variables"
docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null ||
    { echo "there is neither 'docker compose' nor docker-compose" && exit 77; }
"$TOP/Tests/Engine/postgres" smelt-postgres:latest || exit
SMELT_TEST_IMAGE=smelt-postgres:latest python3 "$TOP/Tests/Conformance/examples.py" compose

#!/bin/bash
# What a run promises, on the runtime docker.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [ -n "$variables" ]; then
    eval "$variables"
    trap '"$TOP/Tests/Engine/docker" stop' EXIT
fi
SMELT_TEST_IMAGE=smelt-conformance:latest python3 "$TOP/Tests/Conformance/rows.py" docker

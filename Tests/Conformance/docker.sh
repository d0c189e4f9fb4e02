#!/bin/bash
# What a run promises, on the runtime docker, and what is that engine's alone.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [[ $variables == *DOCKER_HOST* ]]; then trap '"$TOP/Tests/Engine/docker" stop' EXIT; fi
eval "$variables"
python3 "$TOP/Tests/Conformance/engine.py" && python3 "$TOP/Tests/Conformance/rows.py" docker

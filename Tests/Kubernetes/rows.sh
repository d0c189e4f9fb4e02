#!/bin/sh
# What a run promises, on the runtime kubernetes.
[ -n "${KUBECONFIG-}" ] || { echo "KUBECONFIG names no cluster for tests" && exit 77; }
exec python3 "$TOP/Tests/Conformance/rows.py" kubernetes

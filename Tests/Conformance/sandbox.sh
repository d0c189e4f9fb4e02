#!/bin/sh
# What a run promises, on the runtime sandbox.
exec python3 "$TOP/Tests/Conformance/rows.py" sandbox

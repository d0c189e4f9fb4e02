#!/bin/sh
# What needs control groups of version 2, in a machine that has them.
"$TOP/Tests/Machine/run" -t 1200 "$TOP/Tests/Machine/suite" "$TOP"/Tests/Machine/inside/*.sh

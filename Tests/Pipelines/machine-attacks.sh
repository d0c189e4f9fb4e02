#!/bin/sh
# The attacks on smelt-exec, once more in a machine with every control group and an older kernel.
"$TOP/Tests/Machine/run" -t 1800 "$TOP/Tests/Machine/suite" "$TOP"/Tests/Attacks/exec-*.sh

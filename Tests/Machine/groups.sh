#!/bin/sh
# What needs control groups of version 2, in a machine that has them; and in another one where groups are found under a real
# systemd: in its units, its users' managers and sessions. Both at once: neither needs more than one processor.
"$TOP/Tests/Machine/run" -s -t 2400 "$TOP/Tests/Machine/suite" "$TOP"/Tests/Machine/managed/*.sh >managed 2>&1 &
status=0
"$TOP/Tests/Machine/run" -t 2400 "$TOP/Tests/Machine/suite" "$TOP"/Tests/Machine/inside/*.sh || status=$?
wait $! || status=$?
cat managed
exit $status

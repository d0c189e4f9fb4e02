#!/bin/sh
# Where groups are found under a real systemd: in its units, its users' managers and sessions.
"$TOP/Tests/Machine/run" -s -t 1200 "$TOP/Tests/Machine/suite" "$TOP"/Tests/Machine/managed/*.sh

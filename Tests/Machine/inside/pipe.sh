#!/bin/sh
# In the pipe the limits of a job are enforced and ready says so; a session that needs too much memory ends so, its
# work is kept, and a gate that does fails.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

SMELT_STATE_DIR=/scratch/state
export SMELT_STATE_DIR
git init -q -b main repo
git -C repo -c user.name=n -c user.email=e@x commit -q --allow-empty -m base
cat >hog.py <<'HOG'
x = bytearray(300 << 20)
for i in range(0, len(x), 4096): x[i] = 1
HOG
cat >job.toml <<'JOB'
[job]
name = "j"
repo = "repo"
base_ref = "main"
[limits]
memory = "100M"
cpu = 1.5
processes = 50
[workspace]
copy = ["hog.py:/workspace/.git/hog.py"]
[agent]
command = ["sh", "-c", "echo work >file; test $SMELT_SESSION != hungry || python3 .git/hog.py"]
[[session]]
name = "hungry"
spec = "x"
harness = "true"
timeout = 120
[[session]]
name = "gate"
spec = "x"
harness = "python3 .git/hog.py"
timeout = 120
[merge]
target = "t"
JOB
smelt-manifest plan job.toml | smelt-provision | smelt-exec >records || fails "the stages failed"
of() { jq -rc "select(.type == \"$1\") | $2" records; }
is "what is enforced" "$(of environment.ready '[.limits.memoryBytes, .limits.cpu, .limits.processes, .notEnforced]')" "[104857600,1.5,50,null]"
is "the endings" "$(of session.finished '[.session, .ending, .reason, .committedForAgent]' | sort)" '["gate","gate_failed","its gate needed more than limits.memory",true]
["hungry","out_of_memory","it needed more than limits.memory",true]'
is "what was refused" "$(of denied '[.session, .what, .mechanism, .reason]' | sort)" '["gate","more memory","limit","the limit memory is 104857600 bytes"]
["hungry","more memory","limit","the limit memory is 104857600 bytes"]'
above "the kills" "$(of session.finished 'select(.session == "hungry").usage.oomKills')" 0
below "the peak" "$(of session.finished 'select(.session == "hungry").usage.peakMemoryBytes')" 104857601
above "what was written" "$(of session.finished 'select(.session == "gate").usage.writtenBytes + 1')" 0
smelt-provision release <records >/dev/null || fails "release failed"
rm -rf /scratch/state
finish

#!/bin/sh
# Thousands of processes end at once; the count of them is held by the group as well.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

many='import os, signal, sys
for _ in range(2000):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.setsid()
        signal.pause()
print(1, flush=True)
signal.pause()'
mkfifo "$HOME/ready"
"$BIN/smelt-exec" --limit cpu_weight=100 --grace 0 -- python3 -c "$many" >"$HOME/ready" &
read -r _ <"$HOME/ready"
above "the number of processes" "$(cat /sys/fs/cgroup/smelt-*/pids.current 2>/dev/null || wc -l <"$(echo /sys/fs/cgroup/smelt-*)/cgroup.procs")" 2000
kill %1 2>/dev/null || kill $!
wait $!
is "the status" $? 143

count=$(run --limit processes=20 -- python3 -c 'import os, signal
count = 1
try:
    while count < 100:
        if os.fork() == 0: signal.pause()
        count += 1
except BlockingIOError: pass
print(count)')
is "how many processes there could be" "$count" 20
is "what it was refused" "$(denied)" "limit: another process, the limit processes is 20, counted"
run --limit processes=20 -- true
is "what one was refused that keeps to it" "$(denied)" ""
finish

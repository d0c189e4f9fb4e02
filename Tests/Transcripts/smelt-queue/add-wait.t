# Who adds and waits ends as the jobs do; what is not let in counts, and a schedule is never over.
smelt-queue pause
# Over already when it is waited for: it needs what ended otherwise.
gone=$(smelt-queue add -- gone); smelt-queue cancel $gone
smelt-queue add --wait --after $gone -- b; echo $?
printf '{"argv": ["c"], "after": ["%s"]}\n{"argv": ["d"], "after": ["%s"]}\n' $gone $gone | smelt-queue add --wait -; echo $?
smelt-queue add --slot s -- holder >/dev/null
smelt-queue add --wait --slot s --admission drop -- late; echo $?
smelt-queue add --wait --every '0 3 * * *' -- nightly
>>>
{id}
143
{id}
{id}
143
1
>>>2
smelt-queue: {id} is cancelled already: see smelt-queue show
smelt-queue: {id} is cancelled already: see smelt-queue show
smelt-queue: {id} is cancelled already: see smelt-queue show
smelt-queue: the job was dropped: its slot is taken by {id}
smelt-queue: a schedule is never over: leave out --wait or --every
*
>>>= 64
---
# A signal ends the waiting, and the jobs go on; they are named.
mkfifo ids
for signal in TERM INT; do
    printf '{"argv": ["true"]}\n{"argv": ["true"]}\n' | smelt-queue add --wait - >ids & waiting=$!
    # Printed when they are on the disk.
    { read -r one && read -r two; } <ids
    kill -$signal $waiting; wait $waiting; echo $?
done
smelt-queue add --wait -- a >ids & waiting=$!
read -r one <ids
kill $waiting; wait $waiting; echo $?
smelt-queue list --human | cut -c 29- | tail -n +2 | sort | uniq -c | tr -s ' '
>>>
143
130
143
 1 queued default 0 a
 4 queued default 0 true
>>>2
smelt-queue: waited no longer; 2 jobs go on: {id} {id}
smelt-queue: waited no longer; 2 jobs go on: {id} {id}
smelt-queue: waited no longer; job '{id}' goes on

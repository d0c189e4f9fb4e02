# Jobs whose ids cannot be printed are there all the same, and are named.
smelt-queue pause
smelt-queue add -- a >/dev/full; echo $?
smelt-queue add --wait -- b >/dev/full; echo $?
printf '{"argv": ["c"]}\n{"argv": ["d"]}\n' | smelt-queue add --json - >/dev/full; echo $?
smelt-queue add -- e >&-; echo $?
smelt-queue list --human | cut -c 29- | tail -n +2
>>>
74
74
74
74
queued, paused  default  0        e
queued, paused  default  0        d
queued, paused  default  0        c
queued, paused  default  0        b
queued, paused  default  0        a
>>>2
smelt-queue: could not write 'standard output': No space left on device; job '{id}' was added all the same
smelt-queue: could not write 'standard output': No space left on device; job '{id}' was added all the same
smelt-queue: could not write 'standard output': No space left on device; 2 jobs were added all the same: {id} {id}
smelt-queue: could not write 'standard output': Bad file descriptor; job '{id}' was added all the same
---
# What was there before, or was not let in, was not added.
id=$(smelt-queue add --unique k --slot s -- a)
smelt-queue add --json --unique k -- a >/dev/full; echo $?
smelt-queue add --json --slot s --admission drop -- a >/dev/full; echo $?
>>>
74
74
>>>2
smelt-queue: could not write 'standard output': No space left on device
smelt-queue: could not write 'standard output': No space left on device

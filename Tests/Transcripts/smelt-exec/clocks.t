# A command that takes too long, or is silent too long, is stopped: 124.
smelt-exec --timeout 1s -- sh -c 'trap "echo asked; exit 0" TERM; echo up; tail -f /dev/null & wait'
>>>
up
asked
>>>= 124
---
smelt-exec --idle 1s -- sh -c 'echo up; exec tail -f /dev/null'
>>>
up
>>>= 124
---
smelt-exec --timeout 1s --stop-signal USR1 -- sh -c 'trap "echo asked; exit 0" USR1; echo up; tail -f /dev/null & wait'
>>>
up
asked
>>>= 124
---
# Who does not listen is killed when the grace is over.
smelt-exec --timeout 1s --grace 100ms -- sh -c 'trap "" TERM; echo up; tail -f /dev/null & wait; tail -f /dev/null'
>>>
up
>>>= 124
---
# What is printed beyond the limit is not passed on.
smelt-exec --limit output=8 -- sh -c 'printf 123456789; exec tail -f /dev/null'; status=$?; echo; echo $status
>>>
12345678
137

# A command that takes too long, or is silent too long, is stopped: 124.
smelt-exec --timeout 1s -- sh -c 'trap "echo asked; exit 0" TERM; echo up; tail -f /dev/null & wait'
>>>
up
asked
>>>2
smelt-exec: refused once: more time, the limit wall is 1s
>>>= 124
---
smelt-exec --idle 1s -- sh -c 'echo up; exec tail -f /dev/null'
>>>
up
>>>2
smelt-exec: refused once: more silence, the limit idle is 1s
>>>= 124
---
# Who cannot print, because nobody reads, is not silent: the reader waits until everything inside is dead.
mkfifo -m 666 alive
smelt-exec --idle 300ms --timeout 2s --report ./report -b $PWD/alive:/tmp/alive -C /tmp -- sh -c 'exec 3<>alive; exec yes' | {
    head -c 2
    cat alive
    cat >/dev/null
}
jq -r .ending,.reason report
>>>
y
timed_out
wall
>>>2
smelt-exec: refused once: more time, the limit wall is 2s
---
smelt-exec --timeout 1s --stop-signal USR1 -- sh -c 'trap "echo asked; exit 0" USR1; echo up; tail -f /dev/null & wait'
>>>
up
asked
>>>2
smelt-exec: refused once: more time, the limit wall is 1s
>>>= 124
---
# Who does not listen is killed when the grace is over.
smelt-exec --timeout 1s --grace 100ms -- sh -c 'trap "" TERM; echo up; tail -f /dev/null & wait; tail -f /dev/null'
>>>
up
>>>2
smelt-exec: refused once: more time, the limit wall is 1s
>>>= 124
---
# What is printed beyond the limit is not passed on.
smelt-exec --limit output=8 -- sh -c 'printf 123456789; exec tail -f /dev/null'; status=$?; echo; echo $status
>>>
12345678
137
>>>2
smelt-exec: refused once: more output, the limit output is 8 bytes

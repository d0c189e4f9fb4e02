# What is printed and cannot be passed on makes a success none. With --idle the output goes through smelt-exec.
smelt-exec --idle 10s -- echo up >/dev/full
>>>2
smelt-exec: could not write 'standard output': No space left on device (io, 74)
>>>= 125
---
# On a terminal the command cannot learn it: it is hung up.
smelt-exec --tty --report report -- sh -c 'echo up; exec tail -f /dev/null' >/dev/full; echo $?; jq -r .ending,.reason report
>>>
125
failed
could not write 'standard output': No space left on device
>>>2
smelt-exec: could not write 'standard output': No space left on device (io, 74)
---
mkfifo out
smelt-exec --tty -- sh -c 'trap "" TERM; while echo up; do :; done' >out & head -n 1 out; wait $!; echo $?
>>>
up{any}
141

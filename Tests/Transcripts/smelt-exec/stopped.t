# INT and TERM ask the command to stop; the status says that it was us.
mkfifo up
smelt-exec -- sh -c 'trap "echo asked; exit 0" TERM; echo up; tail -f /dev/null & wait' >up &
{ read -r line; kill -TERM $!; cat; } <up; wait $!; echo $?
>>>
asked
143
---
# A shell starts what it puts in the background with INT ignored; it is heard all the same.
mkfifo up
smelt-exec -- sh -c 'trap "echo asked; exit 0" TERM; echo up; tail -f /dev/null & wait' >up &
{ read -r line; kill -INT $!; cat; } <up; wait $!; echo $?
>>>
asked
130

# The status is the command's own; what env(1) and the shell say otherwise.
smelt-exec -- true
---
smelt-exec -- sh -c 'exit 3'
>>>= 3
---
smelt-exec -- sh -c 'kill -9 $$'
>>>= 137
---
# Its first process, killed from outside.
mkfifo up; exec 3<>up
smelt-exec -- sh -c 'echo; exec tail -f /dev/null' >up & pid=$!
read -r line <&3; kill -9 $(cat /proc/$pid/task/$pid/children); wait $pid
>>>2
smelt-exec: could not learn how the command ended: its sandbox was ended before it
>>>= 137
---
smelt-exec -- no-such-command
>>>2
smelt-exec: could not run 'no-such-command': not found inside the sandbox (command_not_found, 66)
>>>= 127
---
smelt-exec -- /etc/passwd
>>>2
smelt-exec: could not run '/etc/passwd': Permission denied (command_not_executable, 77)
>>>= 126
---
smelt-exec --read-only /no/such/place -- true
>>>2
smelt-exec: could not find '/no/such/place': No such file or directory (missing, 66)
>>>= 125
---
smelt-exec --timout 3 -- true 2>&1 | head -n 1
>>>
smelt-exec: unknown option '--timout'; did you mean --timeout?
---
smelt-exec --limit memory=lots -- true 2>/dev/null
>>>= 125

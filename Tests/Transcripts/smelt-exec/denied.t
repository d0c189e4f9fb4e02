# Who asks for records is told what was refused, once for each, and counted; nobody else is.
smelt-exec --events 3 -- sh -c 'mount -t tmpfs x /tmp; mount -t tmpfs x /tmp; unshare -n true; exit 3' 3>events 2>said; echo $?; grep ^smelt-exec said; cat events; smelt-exec -- mount -t tmpfs x /tmp 2>&1 | grep ^smelt-exec
>>>
3
smelt-exec: refused 2 times: mount, by seccomp
smelt-exec: refused once: unshare CLONE_NEWNET, by seccomp
{"v":1,"type":"session.started","time":"{time}","run":"{id}","attempt":1,"session":"sh","workspace":"{any}"}
{"v":1,"type":"denied","time":"{time}","run":"{id}","count":2,"mechanism":"seccomp","reason":"by seccomp","session":"sh","what":"mount"}
{"v":1,"type":"denied","time":"{time}","run":"{id}","count":1,"mechanism":"seccomp","reason":"by seccomp","session":"sh","what":"unshare CLONE_NEWNET"}
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":1,"ending":"failed","exitStatus":3,"session":"sh","usage":{any}}
>>>= 1
---
# The report alone is enough; the error that the program meets is the same.
smelt-exec --report report -- python3 -c 'import socket
try: socket.socket(socket.AF_VSOCK)
except OSError as fault: print(fault)'
>>>
[Errno 97] Address family not supported by protocol
>>>2
smelt-exec: refused once: socket AF_VSOCK, by seccomp
---
# In the pipe, too.
. "$TOP/Tests/Transcripts/environment.sh"; inside 'mount -t tmpfs x /tmp 2>/dev/null; true'; jq -c 'select(.type == "denied") | [.session, .what, .mechanism, .count]' all
>>>
["work","mount","seccomp",1]
>>>2
smelt-exec: session 'work': refused once: mount, by seccomp

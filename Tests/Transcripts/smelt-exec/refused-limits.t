# What a limit refused is told like the rest: in a record of its own, and in a sentence.
smelt-exec --events 3 --limit output=4 -- sh -c 'printf 12345; exec tail -f /dev/null' 3>events; echo " $?"; grep denied events
>>>
1234 137
{"v":1,"type":"denied","time":"{time}","run":"{id}","count":1,"mechanism":"limit","reason":"the limit output is 4 bytes","session":"sh","what":"more output"}
>>>2
smelt-exec: refused once: more output, the limit output is 4 bytes
---
mkdir work && cd work && chmod 777 . && smelt-exec --limit disk=1M -w . -- sh -c 'for n in 1 2; do head -c 1M /dev/zero >$n; done'
>>>2
smelt-exec: refused once: more space on disks, the limit disk is 1048576 bytes
>>>= 137
---
# Of a limit of each process, where the command itself met it.
smelt-exec --rlimit fsize=4k --report report -- python3 -c 'import signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
open("/tmp/x", "wb").write(bytes(8192))'; echo $?; jq -c '[.ending, .signal]' report
>>>
153
["failed",25]
>>>2
smelt-exec: refused once: a larger file, the rlimit fsize is 4096 bytes
---
smelt-exec --rlimit cpu=1 -- sh -c 'while :; do :; done'
>>>2
smelt-exec: refused once: more processor time, the rlimit cpu is 1 seconds
>>>= 152
---
# Of programs that it started, also of those that ignore the signal, where they are traced; the command's own counts once.
smelt-exec --trace-denials --rlimit fsize=4k -- python3 -u -c 'import os, signal
file = os.open("/tmp/x", os.O_WRONLY | os.O_CREAT)
print(os.write(file, bytes(8192)))
try: os.write(file, b"x")
except OSError as fault: print(fault)
child = os.fork()
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
if child: print(os.waitpid(child, 0)[1])
os.write(file, b"x")'
smelt-exec --trace-denials --rlimit cpu=1 -- sh -c "(trap : XCPU; sh -c 'while :; do :; done'); echo \$?"
>>>
4096
[Errno 27] File too large
25
152
>>>2
smelt-exec: refused 3 times: a larger file, the rlimit fsize is 4096 bytes
CPU time limit exceeded
smelt-exec: refused once: more processor time, the rlimit cpu is 1 seconds
---
# Of two limits of a file the one that is met is told.
mkdir both && cd both && chmod 777 . && smelt-exec --limit disk=1M --rlimit fsize=10485760 -w . -- sh -c 'exec head -c 3000000 /dev/zero >x'
>>>2
smelt-exec: refused once: a larger file, the limit disk is 1048576 bytes
>>>= 153
---
# A signal that somebody sent is no limit that was met.
smelt-exec -- sh -c 'kill -XCPU $$'; echo $?
smelt-exec --trace-denials --rlimit cpu=100 -- sh -c 'kill -XCPU $$'; echo $?
>>>
152
152
---
# In the pipe: a session's own time, silence and amount.
. "$TOP/Tests/Transcripts/environment.sh"
sed 's/timeout = 60/timeout = 1/' >late <<'TOML'
[[session]]
name = "late"
spec = "x"
harness = "exec tail -f /dev/null"
timeout = 1
TOML
planned repo main "$(cat late; printf '[[session]]\nname = "loud"\nspec = "x"\nharness = "echo 12345; exec tail -f /dev/null"\ntimeout = 60\n[limits]\noutput = "4"\n')" |
    smelt-provision 2>complaints | smelt-exec --grace 0 2>said | smelt-provision release >all
sort said
jq -c 'select(.type == "denied") | [.session, .what, .mechanism, .reason, .count]' all | sort
>>>
smelt-exec: session 'late': refused once: more time, the limit timeout is 1s
smelt-exec: session 'loud': refused once: more output, the limit output is 4 bytes
["late","more time","limit","the limit timeout is 1s",1]
["loud","more output","limit","the limit output is 4 bytes",1]

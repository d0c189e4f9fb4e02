# A trace tells which files were refused to which call, and with which error; counted, and only when asked for.
mkdir work && echo x >work/secret && chmod 755 .
smelt-exec --trace-denials --events 3 --read-only "$PWD" --hide work/secret -- sh -c 'cat work/secret; cat work/secret; touch /usr/new; exit 3' 2>said 3>events; echo $?
grep ^smelt-exec said; jq -c 'select(.type == "denied") | [.what, .mechanism, .path, .error, .count]' events
smelt-exec --read-only "$PWD" --hide work/secret -- cat work/secret 2>&1 | grep refused
>>>
3
smelt-exec: refused 2 times: openat {T}/work/secret, Permission denied
smelt-exec: refused {any}: {any} /usr/new, {any}
*
["openat {T}/work/secret","trace","{T}/work/secret","EACCES",2]
["{any} /usr/new","trace","/usr/new","{any}",{any}]
*
>>>= 1
---
# What lies below something hidden is not there because of that; what nobody hid is not told of.
mkdir -p work/in && echo x >work/in/file && chmod 755 .
smelt-exec --trace-denials --read-only "$PWD" --hide work/in -- sh -c 'test -e work/in/file || test -e work/none' 2>said; echo $?; cat said
>>>
1
smelt-exec: refused once: newfstatat {T}/work/in/file, No such file or directory: {T}/work/in is hidden
---
# Addresses, and what is executed: as given, and relative to where it was started.
mkdir tools && echo x >tools/plain && chmod 644 tools/plain && chmod 755 .
smelt-exec --trace-denials --read-only "$PWD" -- python3 -c 'import os, socket
try: socket.socket().connect(("192.0.2.7", 443))
except OSError as fault: print(fault)
try: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80))
except OSError as fault: print(fault)
try: socket.socket().connect(("127.0.0.1", 9))
except OSError as fault: print(fault)
os.chdir("tools")
try: os.execv("./plain", ["plain"])
except OSError as fault: print(fault)'
>>>
[Errno 101] Network is unreachable
[Errno 101] Network is unreachable
[Errno 111] Connection refused
[Errno 13] Permission denied
>>>2
smelt-exec: refused once: connect 192.0.2.7:443, Network is unreachable
smelt-exec: refused once: connect [2001:db8::1]:80, Network is unreachable
smelt-exec: refused once: execve {T}/tools/./plain, Permission denied
---
# Addresses that messages are sent to, one or several at a time; what is sent on a connection has none.
smelt-exec --trace-denials -- python3 -c 'import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def attempt(what, *arguments):
    try: what(*arguments)
    except OSError as fault: print(fault)
attempt(sender.sendto, b"x", ("192.0.2.7", 1))
attempt(sender.sendmsg, [b"x"], [], 0, ("192.0.2.7", 2))
attempt(sender.sendmsg, [b"x"], [], 0, ("127.0.0.1", 3))
attempt(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendmsg, [b"x"])
name = ctypes.create_string_buffer(struct.pack("=H", socket.AF_INET) + struct.pack("!H", 4) + bytes([192, 0, 2, 8]) + bytes(8))
heads = ctypes.create_string_buffer(struct.pack("@PIPNPNixxxxIxxxx", ctypes.addressof(name), 16, 0, 0, 0, 0, 0, 0) * 2)
print(libc.sendmmsg(sender.fileno(), heads, 2, 0), os.strerror(ctypes.get_errno()))'
>>>
[Errno 101] Network is unreachable
[Errno 101] Network is unreachable
[Errno 107] Transport endpoint is not connected
-1 Network is unreachable
>>>2
smelt-exec: refused once: sendto 192.0.2.7:1, Network is unreachable
smelt-exec: refused once: sendmsg 192.0.2.7:2, Network is unreachable
smelt-exec: refused once: sendmmsg 192.0.2.8:4, Network is unreachable
---
# Names are shown and bounded, and so is the number of kinds.
smelt-exec --trace-denials --events 3 -- python3 -c 'import os
for name in ["/usr/\033[31m", "/usr/" + "x" * 200] + [f"/usr/{n}" for n in range(1500)]:
    try: os.mkdir(name)
    except OSError: pass' 3>events 2>said
grep -c 'refused once: mkdir' said; grep -F '[31m' said; tail -n 1 said
>>>
1000
smelt-exec: refused once: mkdir /usr/\u{1b}[31m, Read-only file system
smelt-exec: refused 502 times: something else, only 1000 kinds were told apart
---
# Job control inside: who is stopped stays so until continued, and signals arrive.
smelt-exec --trace-denials -- python3 -c 'import os, signal
child = os.fork()
if child == 0:
    signal.signal(signal.SIGUSR1, lambda *_: os._exit(7))
    os.kill(os.getpid(), signal.SIGSTOP)
    while True: signal.pause()
_, status = os.waitpid(child, os.WUNTRACED)
print(os.WIFSTOPPED(status), os.WSTOPSIG(status))
os.kill(child, signal.SIGCONT)
_, status = os.waitpid(child, os.WCONTINUED)
print(os.WIFCONTINUED(status))
os.kill(child, signal.SIGUSR1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))'
>>>
True 19
True
7
---
# A debugger has to wait.
smelt-exec --trace-denials -- python3 -c 'import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(0, 0, 0, 0), ctypes.get_errno())'
>>>
-1 1
>>>2
smelt-exec: refused once: ptrace, Operation not permitted: --trace-denials traces it already
---
# A terminal, a time limit and a signal are as without.
smelt-exec --trace-denials --tty -- sh -c 'tty; stty size >/dev/null; exit 5' </dev/null | tr -d '\r'
smelt-exec --trace-denials --timeout 1s --grace 100ms -- sh -c 'trap "" TERM; echo up; tail -f /dev/null & wait; tail -f /dev/null'
>>>
/dev/pts/0
up
>>>2
smelt-exec: refused once: more time, the limit wall is 1s
>>>= 124
---
# A command that is not there is told as ever.
smelt-exec --trace-denials -- no-such-command
>>>2
smelt-exec: could not run 'no-such-command': not found inside the sandbox (command_not_found, 66)
>>>= 127
---
# In the pipe, of what sessions run.
. "$TOP/Tests/Transcripts/environment.sh"
harness='mkdir /usr/new 2>/dev/null; true' planned | smelt-provision 2>complaints | smelt-exec --trace-denials 2>said | smelt-provision release >all
cat said
>>>
smelt-exec: session 'work': refused once: mkdir /usr/new, Read-only file system

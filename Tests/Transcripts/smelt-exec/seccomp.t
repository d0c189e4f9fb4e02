# The profile is chosen by name, or a file of one's own.
for profile in default strict; do smelt-exec --seccomp $profile -- grep Seccomp: /proc/self/status; done; smelt-exec --seccomp none -- grep Seccomp: /proc/self/status; smelt-exec --seccomp strict -- nice true
>>>
Seccomp:	2
Seccomp:	2
Seccomp:	0
>>>2
nice: cannot set niceness: Operation not permitted
---
smelt-exec --seccomp defualt -- true 2>&1 | head -n 1
>>>
smelt-exec: --seccomp needs default, strict, none or a file such as ./policy.toml, not 'defualt'
---
cat >policy.toml <<'T'
errno = "EACCES"
allow = ["mount"]
deny = ["mkdir", { call = "socket", when = ["arg0 == AF_INET|AF_INET6"], errno = "ENETUNREACH" }, "mkdirat"]
T
smelt-exec --seccomp policy.toml -- sh -c 'mkdir /tmp/x'
>>>2
mkdir: cannot create directory {any}: Permission denied
>>>= 1
---
# Everything that is wrong with a file at once, each at its place; nothing runs.
cat >policy.toml <<'T'
base = "defautl"
errno = "EPREM"
allows = ["mount"]
allow = ["ptrac", "mount", { call = "ioctl", when = ["arg1 == TIOCST"] }]
deny = [
    { call = "socket", when = ["arg0 = 3", "arg0 & 3 > 2"] },
    { call = "write", errno = "x", why = "never" },
    { errno = "EPERM" },
    "mount",
]
T
smelt-exec --seccomp policy.toml --check; echo $?; smelt-exec --seccomp policy.toml -- echo runs 2>&1 | tail -n 1
>>>
65
smelt-exec: could not use 'policy.toml' (bad_file, 65)
>>>2
policy.toml:1:8: base must be one of none, default, strict, closed, not 'defautl'; did you mean 'default'?
policy.toml:2:9: errno: there is no error 'EPREM'; did you mean 'EPERM'?
policy.toml:3:1: a seccomp policy has no key 'allows'; did you mean 'allow'?
policy.toml:4:10: allow[0]: there is no system call 'ptrac'; did you mean 'ptrace'?
policy.toml:4:54: allow[2].when[0] 'arg1 == TIOCST' has no number in 'TIOCST': did you mean TIOCSTI?
policy.toml:6:32: deny[0].when[0] 'arg0 = 3' is no condition: write argN == VALUE, with N from 0 to 5, as in 'arg0 & CLONE_NEWUSER != 0'
policy.toml:6:44: deny[0].when[1] 'arg0 & 3 > 2' has a mask: that goes with == and != only
policy.toml:7:31: deny[1].errno: there is no error 'x'; errno(3) lists them
policy.toml:7:36: [deny[1]] has no key 'why'; it has call, when, errno
policy.toml:8:5: deny[2].call is missing: add it (the system call)
policy.toml:9:5: deny[3]: 'mount' is also allowed: keep one
---
# What is good and may not be what was meant is a warning.
cat >policy.toml <<'T'
allow = ["ptrace", "mount", "ioctl", { call = "unshare", when = ["arg0 & CLONE_NEWUSER == 0"] }]
deny = ["setns", "open", "kcmp", "getpid"]
T
smelt-exec --seccomp policy.toml --check
>>>2
policy.toml:1:10: warning: allow[0]: 'ptrace' is allowed without it
policy.toml:1:20: warning: allow[1]: 'mount' changes what is mounted; default refuses it
policy.toml:1:29: warning: allow[2]: without conditions, 'ioctl' also types into a terminal, or changes what it is; default refuses that
policy.toml:2:9: warning: deny[0]: 'setns' is refused without it
policy.toml:2:18: warning: deny[1]: refuses 'open', but 'openat', 'openat2', 'creat' can do the same
policy.toml:2:26: warning: deny[2]: 'kcmp' is refused without it
---
echo 'base = "none"' >policy.toml; smelt-exec --seccomp policy.toml --check; echo 'base = "closed"' >policy.toml; smelt-exec --seccomp ./policy.toml --check
>>>2
policy.toml:1:8: warning: base 'none' allows every call that is not denied, also those yet to come
./policy.toml:1:1: 'execve' is refused, without which no program runs
>>>= 65
---
for words in '--check' '--seccomp strict --check' '--seccomp ./x.toml --check -- true'; do smelt-exec $words 2>&1 | head -n 1; done; smelt-exec --seccomp ./x.toml --check
>>>
smelt-exec: --check needs the file of --seccomp or --policy
smelt-exec: --check needs the file of --seccomp or --policy
smelt-exec: --check runs nothing: leave out the command
>>>2
smelt-exec: could not open './x.toml': No such file or directory
>>>= 66
---
# In a plan, a profile is its name and a policy an object.
for seccomp in '"strict"' '{"deny":[{"call":"mkdir","when":[],"errno":13},{"call":"mkdirat","when":["arg2 != 0"]}]}' '"closed"'; do
    echo '{"command":["sh","-c","mkdir /tmp/x; nice true"],"seccomp":'$seccomp'}' >plan; smelt-exec --plan 3 3<plan
done
>>>2
nice: cannot set niceness: Operation not permitted
mkdir: cannot create directory {any}: Permission denied
smelt-exec: could not use the plan: there is no seccomp profile 'closed' (bad_plan, 65)
>>>= 125

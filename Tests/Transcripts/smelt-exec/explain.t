# What would be done, every mount and limit, and nothing of it is done.
mkdir -p work && echo 'secret' >work/.env
SECRET=hidden smelt-exec --explain --env SECRET --hide work/.env --rlimit nofile=5 --limit wall=1m --keep-capability net_raw --network none -- touch made | grep -E 'touch|variables|\.env|/dev/shm |nofile|wall|loopback|capabilit'
ls work
>>>
    touch made in {any}
    variables: HOME, LANG, LC_ALL, LOGNAME, PATH, SECRET, SHELL, TERM, TMPDIR, TZ, USER
    capabilities in them: net_raw
    /dev/shm{any}writable, in memory, empty, no link is followed
    {T}/work/.env{any}hidden
    a loopback of its own
    nofile 5
    wall 1m 0s
---
# As JSON it is a plan that can be run.
mkdir here && cd here
smelt-exec --explain --json --tmpfs /room:1M -- sh -c 'df --output=size /room | tail -n 1 | tr -d " "' >../plan && smelt-exec --plan 3 3<../plan
>>>
1024
---
smelt-exec --explain --limit disk=1G -- true | grep -E '^    (disk|fsize)'
>>>
    fsize 1073741824
    disk 1073741824, watched
---
smelt-exec --doctor | grep -E '^(yes|no )  sandbox '
smelt-exec --doctor --json | jq -r 'select(.name == "sandbox") | .isThere'
smelt-exec --doctor | grep '^yes  tracing '
>>>
yes  sandbox {any}
true
yes  tracing {any}
---
# Which system calls are let through, too.
echo 'deny = [{ call = "socket", when = ["arg0 == AF_INET"] }, "mkdir"]' >policy.toml
for seccomp in strict none policy.toml; do smelt-exec --explain --seccomp $seccomp -- true | sed -n '/system calls/,/network/p' | sed '$d'; done
smelt-exec --doctor | grep -o '^yes  system call filter'
>>>
system calls
    profile strict
system calls
    not filtered
system calls
    profile default
    refused: socket when arg0 == 2
    refused: mkdir
yes  system call filter

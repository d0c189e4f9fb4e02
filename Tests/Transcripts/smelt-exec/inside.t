# Inside there is one user, one host, and homes and directories of one's own.
smelt-exec -- sh -c 'id; hostname; pwd; echo ~; cat /etc/hosts; echo $$; umask; tty'
>>>
uid=1000(smelt) gid=1000(smelt) groups=1000(smelt)
smelt
/home/smelt
/home/smelt
127.0.0.1 localhost smelt
::1 localhost
2
0022
not a tty
>>>= 1
---
smelt-exec -- sh -c 'for d in /tmp /var/tmp /run /dev/shm ~; do echo $d >$d/mine && cat $d/mine; done; ls /dev /proc/self/fd'
>>>
/tmp
/var/tmp
/run
/dev/shm
/home/smelt
/dev:
fd
full
null
ptmx
pts
random
shm
stderr
stdin
stdout
tty
urandom
zero

/proc/self/fd:
0
1
2
3

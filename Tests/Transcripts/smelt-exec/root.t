# A tree in place of the host's software: it is only read, has our user beside its own, and nothing of the host.
mkdir -p tree/bin tree/usr/share tree/etc tree/srv && cp /bin/busybox tree/bin/ && ln -s busybox tree/bin/sh && ln -s usr/share tree/data
echo 'root:x:0:0::/root:/bin/sh
smelt:x:7:7::/:/bin/false
www:x:33:33::/srv:/bin/false
odd:x:1000:1000::/:/bin/false' >tree/etc/passwd
echo of the tree >tree/usr/share/file
smelt-exec --root tree -- sh -c 'busybox cat /data/file /etc/passwd; echo x 2>/dev/null >/srv/x || echo reads; echo y >/tmp/y && echo writes; busybox ls /; busybox test -e /usr/bin || echo nothing else; busybox id -un; pwd'
>>>
of the tree
root:x:0:0::/root:/bin/sh
www:x:33:33::/srv:/bin/false
smelt:x:1000:1000::/home/smelt:/bin/sh
reads
writes
bin
data
dev
etc
home
proc
run
srv
tmp
usr
var
nothing else
smelt
/home/smelt
---
# One with busybox alone; one that knows users and no groups.
for etc in '' tree/etc; do
    mkdir -p tree/bin $etc && cp /bin/busybox tree/bin/ && { [ -z "$etc" ] || echo 'root:x:0:0::/:/bin/sh' >tree/etc/passwd; }
    smelt-exec --root tree -- busybox sh -c 'busybox cat /etc/passwd /etc/group; busybox ls /etc; echo x 2>/dev/null >/etc/x || echo reads'
done
>>>
root:x:0:0:root:/:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
smelt:x:1000:1000::/home/smelt:/bin/sh
root:x:0:
nogroup:x:65534:
smelt:x:1000:
group
hosts
passwd
reads
root:x:0:0::/:/bin/sh
smelt:x:1000:1000::/home/smelt:/bin/sh
root:x:0:
nogroup:x:65534:
smelt:x:1000:
group
hosts
passwd
reads
---
mkdir tree
smelt-exec --root tree -- true
>>>2
smelt-exec: could not use '{T}/tree' as the root: nothing is in it (bad_plan, 65)
>>>= 125
---
smelt-exec --root nothing -- true
>>>2
smelt-exec: could not find 'nothing': No such file or directory (missing, 66)
>>>= 125

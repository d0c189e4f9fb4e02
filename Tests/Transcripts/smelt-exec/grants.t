# The directory that one is in can be read, and written when that is granted.
mkdir work && cd work && echo text >file && chmod 777 . && smelt-exec -- sh -c 'pwd; cat file; touch new'
>>>
{T}/work
text
>>>2
touch: cannot touch 'new': Read-only file system
>>>= 1
---
mkdir work && cd work && chmod 777 . && smelt-exec -w . -- sh -c 'echo made >new' && cat new
>>>
made
---
# The most specific option decides, whatever their order.
mkdir -p work/.git work/sub && cd work && chmod -R 777 . && smelt-exec -r .git -w . -- sh -c 'touch .git/x; touch sub/y' ; ls sub
>>>
y
>>>2
touch: cannot touch '.git/x': Read-only file system
---
# A file or directory can appear elsewhere, also where the host has nothing.
mkdir data && echo text >data/file && chmod -R go+rX . && smelt-exec -b data:/data:ro -b data/file:/etc/smelt-file:ro -b data:/opt/a/b:ro \
    -- sh -c 'cat /data/file /etc/smelt-file /opt/a/b/file; head -n 1 /etc/passwd; touch /etc/x'
>>>
text
text
text
root:x:0:0:root:/:/usr/sbin/nologin
>>>2
touch: cannot touch '/etc/x': Read-only file system
>>>= 1
---
smelt-exec -b /usr:relative:ro -- true
>>>2
smelt-exec: could not mount at 'relative': not a plain absolute path below '/' (bad_plan, 65)
>>>= 125
---
smelt-exec -C /no/where -- true
>>>2
smelt-exec: could not start in '/no/where': No such file or directory (sandbox_directory, 66)
>>>= 125

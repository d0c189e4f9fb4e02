# 0, 1 and 2 are the command's, and each keeps to itself.
smelt-exec -- sh -c 'cat; echo wrong >&2; exit 1'
<<<
one
two
>>>
one
two
>>>2
wrong
>>>= 1
---
# One that came closed is nothing inside, and above all no directory of the host's.
smelt-exec -- sh -c 'readlink /proc/self/fd/3 3>&1 >&2' >&-; echo $?
smelt-exec -- sh -c 'readlink /proc/self/fd/0' <&-
smelt-exec -- readlink /proc/self/fd/2 2>&-
>>>
0
/dev/null
/dev/null
>>>2
/dev/null
---
# Also where the output has to be watched.
smelt-exec --idle 1h -- sh -c 'cat; echo last; echo wrong >&2'
<<<
one
>>>
one
last
>>>2
wrong

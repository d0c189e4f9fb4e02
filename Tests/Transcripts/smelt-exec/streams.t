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
# Also where the output has to be watched.
smelt-exec --idle 1h -- sh -c 'cat; echo last; echo wrong >&2'
<<<
one
>>>
one
last
>>>2
wrong

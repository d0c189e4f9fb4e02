# What needs a job that fails never begins.
a=$(smelt-queue add -- a)
b=$(smelt-queue add --after $a -- b)
smelt-queue add --after $b:any --after $a:failed -- c >/dev/null
smelt-queue cancel --why 'not today' $a
smelt-queue list --human | cut -c 29-
smelt-queue show --human $b | grep Reason
>>>
STATE      GROUP    ATTEMPT  NAME
cancelled  default  0        c
cancelled  default  0        b
cancelled  default  0        a
Reason:    it needed {id} to end otherwise than cancelled
---
smelt-queue add --after 01k00000000000000000000000 -- c
>>>2
smelt-queue: there is no job '01k00000000000000000000000'
>>>= 66
---
smelt-queue add --after later -- c
>>>2
smelt-queue: --after needs a job's id, and perhaps :ok, :failed or :any, not 'later'
*
>>>= 64

# Admission is decided and told before add ends.
smelt-queue add --slot s --admission drop -- first
smelt-queue add --slot s --admission drop -- second; echo $?
smelt-queue add --slot s -- third
smelt-queue add --slot s --admission replace -- fourth
smelt-queue list --human | cut -c 29-
>>>
{id}
1
{id}
{id}
STATE      GROUP    ATTEMPT  NAME
queued     default  0        fourth
blocked    default  0        third
cancelled  default  0        first
>>>2
smelt-queue: the job was dropped: its slot is taken by {id}
---
a=$(smelt-queue add --unique k -- first)
b=$(smelt-queue add --unique k -- second)
test "$a" = "$b" && smelt-queue list --human | cut -c 29-
>>>
STATE   GROUP    ATTEMPT  NAME
queued  default  0        first
>>>2
smelt-queue: {id} is there already, queued

# A rule is told with its group, and a pause with its reason; the jobs that wait for it say so.
smelt-queue group set night --halt soon,fail=3 -j 2
smelt-queue pause --why 'the disk is full' night
id=$(smelt-queue add -g night -- a)
smelt-queue stats --human
smelt-queue stats | grep night | cut -d , -f 5-
smelt-queue list --human | cut -c 29-
smelt-queue list --json | grep -o '"groupPaused":true.*"id"'
smelt-queue show --json $id | grep -o '"groupPaused":true.*"id"'
smelt-queue show --human $id | grep Waits
smelt-queue resume night
smelt-queue show --json $id | grep -c groupReason
smelt-queue group set night --halt never
smelt-queue stats | grep night | cut -d , -f 5-
smelt-queue audit | grep '"group"' | sed 's/.*"detail"://; s/,"n".*//'
smelt-queue verify
>>>
GROUP    PARALLEL  PAUSED                 JOBS
default  -         no                     
night    2         yes: the disk is full  1 queued
"group":"night","halt":"soon,fail=3","parallel":2,"paused":true,"reason":"the disk is full","states":{"queued":1}}
STATE           GROUP  ATTEMPT  NAME
queued, paused  night  0        a
"groupPaused":true,"groupReason":"the disk is full","id"
"groupPaused":true,"groupReason":"the disk is full","id"
Waits:     for its group, which is paused: the disk is full
0
"group":"night","parallel":2,"paused":false,"states":{"queued":1}}
{"halt":"soon,fail=3","parallel":"2"}
{"halt":"never"}
---
smelt-queue group set night --halt soon,fail=3,now
>>>2
smelt-queue: --halt needs never, or a rule such as soon,fail=3 or now,fail=10%, not 'soon,fail=3,now'
*
>>>= 64
---
smelt-queue group set night
>>>2
smelt-queue: group needs 'set', a name, and --parallel or --halt
*
>>>= 64

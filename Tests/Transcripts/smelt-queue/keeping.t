# A backup is whole, a restored queue has what was in it, and what was there stays.
id=$(smelt-queue add -- a)
smelt-queue backup copy
smelt-queue backup copy; echo $?
smelt-queue cancel $id
smelt-queue restore copy
smelt-queue list --human | cut -c 29-
smelt-queue verify
ls -A .state | grep db
>>>
77
STATE   GROUP    ATTEMPT  NAME
queued  default  0        a
*
smelt.db
*
smelt.db.lock
>>>2
smelt-queue: '{T}/copy' is already there: name a new file
smelt-queue: what was there is '{T}/.state/smelt.db.{any}.old' now
smelt-queue: jobs that are as they were then, and had gone on since: 1
---
smelt-queue backup copy
smelt-queue add -- a >id
smelt-queue restore copy >gone
cmp id gone
smelt-queue list
smelt-queue add -- b >id
smelt-queue restore copy >/dev/full; echo $?
smelt-queue list
>>>
74
>>>2
smelt-queue: what was there is '{T}/.state/smelt.db.{any}.old' now
smelt-queue: jobs only that has: 1
smelt-queue: what was there is '{T}/.state/smelt.db.{any}.old' now
smelt-queue: jobs only that has: 1
smelt-queue: could not write 'standard output': No space left on device; the copy is in place all the same
---
id=$(smelt-queue add -- a)
head=$(smelt-queue audit --head)
smelt-queue cancel $id
smelt-queue prune --keep 0
smelt-queue list
smelt-queue audit --against $head && smelt-queue verify --against $head
smelt-queue audit --against 9:$(printf %064d 0)
>>>
1
>>>2
smelt-queue: the audit ends at 3, before the entry that was kept
>>>= 74
---
# A chain that is right is told by its head.
smelt-queue add -- a >added
smelt-queue pause
[ "$(smelt-queue audit --verify --head)" = "$(smelt-queue audit --head)" ] && echo same
>>>
same

# A command is added as it was said, or not at all.
smelt-queue add -- printf "$(printf 'a\377b')" 2>&1 | head -n 1
smelt-queue add --at 2027-02-29T00:00:00Z -- true 2>&1 | head -n 1
smelt-queue add --at 2028-02-29T00:00:00Z -- true | grep -c .
smelt-queue add --admission drop -- true 2>&1 | head -n 1
smelt-queue add --every '1 2 3 x *' -- true
echo $?
>>>
smelt-queue: argument 4 is not UTF-8, and would become another one
smelt-queue: --at needs a time such as 2026-01-31T12:00:00Z, or +90m from now, not '2027-02-29T00:00:00Z'
1
smelt-queue: --admission is about a slot: name it with --slot
65
>>>2
smelt-queue: '1 2 3 x *' is no cron line: 'x' are no months from 1 to 12, such as '0 3 * * mon-fri'
---
# What can not begin any more is told.
first=$(smelt-queue add -- true)
smelt-queue cancel "$first"
smelt-queue add --after "$first" -- true
>>>
{id}
>>>2
smelt-queue: {id} is cancelled already: see smelt-queue show
---
# Who reads no more learns what was added all the same.
smelt-queue pause
mkfifo pipe
exec 4<>pipe 5>pipe 4<&-
smelt-queue add -- true >&5
echo $?
smelt-queue list --json | grep -c job.described
>>>
141
1
>>>2
smelt-queue: job '{id}' was added all the same

# What was said of a job is changed before it begins; its log and the audit say what.
a=$(smelt-queue add --label team=web --label x=1 --timeout 5m -- a)
b=$(smelt-queue add --after $a -- b)
smelt-queue edit $a $b -g night -p 7 --label team=app --no-label x --retries 2 --timeout none
smelt-queue edit $b --after none --at 2100-01-31T12:00:00Z --name later
smelt-queue edit $a -- make 'all of it'
smelt-queue edit $a -p 7
smelt-queue list --json | cut -d , -f 6- | sed "s/$a/A/; s/$b/B/"
smelt-queue events $b | tail -n 2 | cut -d , -f 3- | sed 's/,"time":"[^"]*"//'
smelt-queue audit | grep '"edit"' | sed 's/.*"detail"://; s/,"n".*//'
smelt-queue verify
>>>
"attempt":0,"due":"2100-01-31T12:00:00.000Z","group":"night","id":"B","kind":"command","labels":{"team":"app"},"name":"later","priority":7,"seq":3,"state":"scheduled"}
"attempt":0,"group":"night","id":"A","kind":"command","labels":{"team":"app"},"name":"make","priority":7,"seq":3,"state":"queued"}
"record":{"v":1,"type":"job.changed","run":"{id}","attempt":0,"edited":["group","labels","priority","retries"],"from":"blocked","to":"blocked"}}
"record":{"v":1,"type":"job.changed","run":"{id}","attempt":0,"due":"2100-01-31T12:00:00.000Z","edited":["after","at","name"],"from":"blocked","to":"scheduled"}}
{"group":"night","labels":"team=app","priority":"7","retries":"2","timeout":"none"}
{"group":"night","labels":"team=app","priority":"7","retries":"2"}
{"after":"none","at":"2100-01-31T12:00:00.000Z","name":"later"}
{"name":"make","work":"{any}"}
---
# A job never comes to wait for itself, by its needs or in its slot, or for what ended otherwise.
a=$(smelt-queue add -- a)
b=$(smelt-queue add --after $a -- b)
c=$(smelt-queue add --slot s -- c)
d=$(smelt-queue add --slot s -- d)
gone=$(smelt-queue add -- gone); smelt-queue cancel $gone
smelt-queue edit $a --after $b:any; echo $?
smelt-queue edit $a --after $a; echo $?
smelt-queue edit $c --after $d; echo $?
smelt-queue edit $a --after $gone; echo $?
smelt-queue edit $a --after $gone:any; echo $?
smelt-queue verify
>>>
77
77
77
77
0
>>>2
smelt-queue: job '{id}' would never begin behind '{id}': that one waits for this
smelt-queue: job '{id}' would never begin behind '{id}': that one waits for this
smelt-queue: job '{id}' would never begin behind '{id}': that one waits for this
smelt-queue: job '{id}' would never begin behind '{id}': it is cancelled
---
# What is over is not changed, and what can be is changed all the same.
a=$(smelt-queue add -- a)
b=$(smelt-queue add -- b)
smelt-queue cancel $a
smelt-queue edit $a $b --name new; echo $?
smelt-queue list --human | cut -c 29-
smelt-queue edit 01k00000000000000000000000 --name new
>>>
77
STATE      GROUP    ATTEMPT  NAME
queued     default  0        new
cancelled  default  0        a
>>>2
smelt-queue: could not edit job '{id}': it is cancelled; retry it, and edit it before it begins
smelt-queue: there is no job '01k00000000000000000000000'
>>>= 66
---
# A schedule has its own rules.
a=$(echo '{"argv": ["a"]}' | smelt-queue add --every '0 3 * * *' -)
smelt-queue edit $a --every '0 4 * * *'
smelt-queue edit $a --at +1h; echo $?
smelt-queue show --human $a | grep Every
b=$(smelt-queue add -- b)
smelt-queue edit $b --every '0 4 * * *'; echo $?
smelt-queue edit $b --every none; echo $?
>>>
65
Every:     0 4 * * *
65
65
>>>2
smelt-queue: a schedule can neither have a time nor need other jobs
smelt-queue: job '{id}' is no schedule: add one with --every, and cancel this one
smelt-queue: job '{id}' is no schedule: add one with --every, and cancel this one
---
# What is so already is no change: nothing is recorded of it.
a=$(smelt-queue add --label x=1 --label y=2 -- a)
b=$(smelt-queue add --after $a:any --at 2100-01-31T12:00:00Z --budget 1h -p 3 -g web -- b)
smelt-queue edit $a --label x=1 --no-label z --at none --after none --timeout none --retries 0 -- a
smelt-queue edit $b --after $a:any --at 2100-01-31T12:00:00Z --budget 60m -p 3 -g web --name b; echo $?
smelt-queue edit $b --after $a:any --at none -p 3
smelt-queue edit $b --after $a:ok --at none
smelt-queue events $a | wc -l
smelt-queue events $b | grep -o '"edited":[^]]*]'
smelt-queue audit | grep '"edit"' | sed 's/.*"detail"://; s/,"n".*//'
smelt-queue verify
>>>
0
1
"edited":["at"]
"edited":["after"]
{"at":"none"}
{"after":"{id}:ok"}
---
id=$(smelt-queue add -- a)
smelt-queue edit $id
>>>2
smelt-queue: say what to change: an editor needs a terminal
*
>>>= 64
---
smelt-queue edit 01k00000000000000000000000 01k00000000000000000000001 -- make
>>>2
smelt-queue: a command or an editor changes one job at a time
*
>>>= 64
---
smelt-queue edit --timeout soon 01k00000000000000000000000
>>>2
smelt-queue: --timeout needs a duration such as 90s or 1h, or none, not 'soon'
*
>>>= 64

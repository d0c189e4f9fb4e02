smelt-queue add -g web -- a >/dev/null
smelt-queue group set web --parallel 2
smelt-queue pause web
smelt-queue stats --human
smelt-queue resume web
smelt-queue stats
smelt-queue pause nobody
>>>
GROUP    PARALLEL  PAUSED  JOBS
default  -         no      
web      2         yes     1 queued
{"v":1,"type":"group.described","time":"{time}","run":"00000000000000000000000000","group":"default","paused":false,"states":{}}
{"v":1,"type":"group.described","time":"{time}","run":"00000000000000000000000000","group":"web","parallel":2,"paused":false,"states":{"queued":1}}
>>>2
smelt-queue: there is no group 'nobody'
>>>= 66
---
# A pause that was without an end gets one.
smelt-queue pause
smelt-queue pause --until 2001-01-01T00:00:00Z
smelt-queue stats
>>>
{"v":1,"type":"group.described","time":"{time}","run":"00000000000000000000000000","group":"default","paused":false,"states":{}}
---
# What somebody says of a pause holds, all of it or nothing.
smelt-queue add -g web -- a >added
smelt-queue pause --until 2101-01-01T00:00:00Z web
smelt-queue pause --until 2100-01-01T00:00:00Z --why maintenance web
smelt-queue stats --human
smelt-queue pause default nobody
smelt-queue pause web
smelt-queue stats
>>>
GROUP    PARALLEL  PAUSED                                           JOBS
default  -         no                                               
web      -         yes until 2100-01-01T00:00:00.000Z: maintenance  1 queued
{"v":1,"type":"group.described","time":"{time}","run":"00000000000000000000000000","group":"default","paused":false,"states":{}}
{"v":1,"type":"group.described","time":"{time}","run":"00000000000000000000000000","group":"web","paused":true,"states":{"queued":1}}
>>>2
smelt-queue: there is no group 'nobody'

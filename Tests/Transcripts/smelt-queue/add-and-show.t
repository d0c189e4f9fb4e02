# A command that was added is there, with its words and its directory.
id=$(smelt-queue add --name build --label team=web -p 5 -- make -j 'two words')
smelt-queue list --human
smelt-queue list
smelt-queue show --human $id
smelt-queue events $id
>>>
ID                          STATE   GROUP    ATTEMPT  NAME
{id}  queued  default  0        build
{"v":1,"type":"job.described","time":"{time}","run":"{id}","added":"{time}","attempt":0,"group":"default","id":"{id}","kind":"command","labels":{"team":"web"},"name":"build","priority":5,"seq":1,"state":"queued"}
Job:       {id}
Name:      build
Kind:      command
State:     queued
Group:     default
Priority:  5
Added:     {time}
Label:     team=web
{"epoch":"{id}","seq":1,"record":{"v":1,"type":"job.changed","time":"{time}","run":"{id}","attempt":0,"to":"queued"}}

# Jobs are held, released, cancelled and tried again, and only where that can be.
id=$(smelt-queue add -- a)
smelt-queue hold $id; smelt-queue list --human | cut -c 29-34 | tail -n 1
smelt-queue release $id; smelt-queue list --human | cut -c 29-34 | tail -n 1
smelt-queue release $id; echo $?
smelt-queue cancel $id; smelt-queue cancel $id; echo $?
smelt-queue retry $id; smelt-queue priority 7 $id
smelt-queue list --json | cut -d , -f 6-
smelt-queue audit | cut -d , -f 1,4
smelt-queue audit --verify && smelt-queue verify
>>>
held  
queued
77
77
"attempt":0,"group":"default","id":"{id}","kind":"command","name":"a","priority":7,"seq":5,"state":"queued"}
{"action":"add","n":1
{"action":"hold","n":2
{"action":"release","n":3
{"action":"cancel","n":4
{"action":"retry","n":5
{"action":"priority","n":6
>>>2
smelt-queue: could not release job '{id}': it is queued
smelt-queue: could not cancel job '{id}': it is cancelled
---
# Begun again, it has no reason any more.
one=$(smelt-queue add -- a)
smelt-queue cancel --why 'no need' "$one"
smelt-queue show --human "$one" | grep -E '^(State|Reason)'
smelt-queue retry "$one"
smelt-queue show --human "$one" | grep -E '^(State|Reason)'
>>>
State:     cancelled
Reason:    no need
State:     queued

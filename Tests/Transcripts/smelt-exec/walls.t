# What cannot be kept or bounded is refused with the names that there are.
smelt-exec --keep-capability everything -- true
>>>2
smelt-exec: could not keep 'everything': there is no such capability; capabilities(7) lists them (no_capability, 64)
>>>= 125
---
smelt-exec --rlimit files=3 -- true 2>&1 | head -n 1
>>>
smelt-exec: --rlimit needs NAME=VALUE with a name of prlimit(1), such as cpu, nofile or stack, not 'files=3'
---
smelt-exec --rlimit nofile=33 -- sh -c 'ulimit -n; ulimit -Hn'
>>>
33
33
---
echo '{"command":["sh","-c","ulimit -n; grep CapEff /proc/self/status"],"resourceLimits":{"nofile":40},"capabilities":["net_raw"],"landlock":"none"}' >plan
smelt-exec --plan 3 3<plan
>>>
40
CapEff:	0000000000002000
---
echo '{"command":["true"],"resourceLimits":{"files":40}}' >plan
smelt-exec --plan 3 3<plan
>>>2
smelt-exec: could not use the plan: there is no limit 'files' (bad_plan, 65)
>>>= 125

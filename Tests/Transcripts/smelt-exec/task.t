# A task is tried again until it succeeds, or as often as it may; both forms of the file say the same.
cat >task <<T
{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"sh","args":["-c","echo \$A \$0; exit 4","x"]}},
 "env":[{"key":"A","value":"1"},{"key":"A","value":"2"}]}},"timeout":60000,"restart":{"type":"onFailure"},
 "backoff":{"jitter":"none","firstMs":1,"maxMs":2,"factor":2},"admission":"queue","maxRetries":3}
T
smelt-exec --task task --env A=0 --events ./log --report last; echo $?; cat log; grep finished log | tail -n 1 | cmp - last
>>>
2 x
2 x
2 x
2 x
4
{"v":1,"type":"session.started","time":"{time}","run":"{id}","attempt":1,"session":"s","workspace":"/home/smelt"}
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":1,"ending":"failed","exitStatus":4,"session":"s","usage":{any}}
{"v":1,"type":"task.phase","time":"{time}","run":"{id}","attempt":1,"delaySeconds":0.001,"phase":"failed","session":"s"}
{"v":1,"type":"session.started","time":"{time}","run":"{id}","attempt":2,"session":"s","workspace":"/home/smelt"}
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":2,"ending":"failed","exitStatus":4,"session":"s","usage":{any}}
{"v":1,"type":"task.phase","time":"{time}","run":"{id}","attempt":2,"delaySeconds":0.002,"phase":"failed","session":"s"}
{"v":1,"type":"session.started","time":"{time}","run":"{id}","attempt":3,"session":"s","workspace":"/home/smelt"}
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":3,"ending":"failed","exitStatus":4,"session":"s","usage":{any}}
{"v":1,"type":"task.phase","time":"{time}","run":"{id}","attempt":3,"delaySeconds":0.002,"phase":"failed","session":"s"}
{"v":1,"type":"session.started","time":"{time}","run":"{id}","attempt":4,"session":"s","workspace":"/home/smelt"}
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":4,"ending":"failed","exitStatus":4,"session":"s","usage":{any}}
{"v":1,"type":"task.phase","time":"{time}","run":"{id}","attempt":4,"phase":"exhausted","session":"s"}
---
smelt-exec --task - --events 3 3>&1 <<T | jq -r '[.type, .attempt, .ending // .phase, .exitStatus // "-", .delaySeconds // "-"] | @tsv'
{"spec":{"slot":"s","kind":{"subprocess":{"command":{"command":"false"},"failOnNonZero":true}},"timeoutMs":"60000",
 "restart":"RESTART_POLICY_NEVER","backoff":{"jitter":"JITTER_POLICY_FULL","first_ms":1,"maxMs":"2","factor":1},
 "admission":"ADMISSION_POLICY_REPLACE"}}
T
>>>
session.started	1		-	-
session.finished	1	failed	1	-
task.phase	1	failed	-	-
---
# Where the status does not matter, it is in the record and not in ours.
smelt-exec --task - --events 3 3>&1 <<T | jq -r '[.type, .ending // .phase, .exitStatus, .signal] | @tsv'; echo "${PIPESTATUS-}"
{"slot":"s","kind":{"subprocess":{"command":{"command":"sh","args":["-c","exit 9"]}}},"timeoutMs":60000,
 "restart":1,"backoff":{"jitter":1,"firstMs":1,"maxMs":1,"factor":1},"admission":1}
T
smelt-exec --task - <<T
{"slot":"s","kind":{"subprocess":{"command":{"command":"sh","args":["-c","kill -9 \$\$"]}}},"timeoutMs":60000,
 "restart":1,"backoff":{"jitter":1,"firstMs":1,"maxMs":1,"factor":1},"admission":1}
T
>>>
session.started			
session.finished	succeeded	9	
task.phase	succeeded		

---
# An attempt that runs out of time has that as its phase, and is asked to stop before it is killed.
cat >task <<T
{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"sh","args":["-c","trap 'echo asked; exit 0' USR1; echo up; tail -f /dev/null & wait"]}}}},
 "timeout":700,"restart":{"type":"never"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop"}
T
smelt-exec --task task --stop-signal USR1 --events ./log; echo $?; jq -r '[.type, .ending // .phase, .exitStatus, .reason] | @tsv' log
>>>
up
asked
124
session.started			
denied			the limit wall is 0.7s
session.finished	timed_out	0	wall
task.phase	timeout		
>>>2
smelt-exec: refused once: more time, the limit wall is 0.7s
---
# What can never start is not tried again: the status is as for a command alone, and a task starts where it says.
task() { cat <<T
{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"$1"}}$2}},"timeout":60000,"restart":{"type":"onFailure"},
 "backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop"}
T
}
for name in no-such-thing /etc/passwd; do task $name | smelt-exec --task - --events ./log; echo $?; done
task true ',"cwd":"/nowhere"' | smelt-exec --task -; echo $?
task pwd ',"cwd":"share"' | smelt-exec --task - -C /usr
jq -r '[.type, .attempt, .phase, .code] | @tsv' log
>>>
127
126
125
/usr/share
failed			command_not_found
task.phase	1	failed	
failed			command_not_executable
task.phase	1	failed	
>>>2
smelt-exec: could not run 'no-such-thing': not found inside the sandbox (command_not_found, 66)
smelt-exec: could not run '/etc/passwd': Permission denied (command_not_executable, 77)
smelt-exec: could not start in '/nowhere': No such file or directory (sandbox_directory, 66)
---
# The options say what a task may touch; it says nothing about that itself.
mkdir in && echo secret >in/file && chmod 755 . in
cat >task <<T
{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"cat","args":["$PWD/in/file"]}}}},"timeout":60000,
 "restart":{"type":"never"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop"}
T
smelt-exec --task task 2>/dev/null; echo $?; smelt-exec --read-only in --task task
>>>
1
secret
---
# What the network refused is told of each attempt for itself.
cat >task <<T
{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"getent","args":["hosts","evil.test"]}}}},"timeout":60000,
 "restart":{"type":"onFailure"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop","maxRetries":1}
T
smelt-exec --network allow:a.example --task task --events ./log; echo $?
jq -c 'select(.type == "denied" or .type == "task.phase") | [.type, .attempt, .count, .what, .phase]' log
>>>
2
["denied",null,1,"resolve evil.test",null]
["task.phase",1,null,null,"failed"]
["denied",null,1,"resolve evil.test",null]
["task.phase",2,null,null,"exhausted"]
>>>2
smelt-exec: refused once: resolve evil.test, not in network.allow
smelt-exec: refused once: resolve evil.test, not in network.allow
---
# What would be done for a task can be asked.
smelt-exec --explain --task "$TOP/examples/task.json" | grep -E '^ *(/run/smelt/script|wall)'
>>>
    /run/smelt/script      a file, copied at the start
    wall 1m 0s

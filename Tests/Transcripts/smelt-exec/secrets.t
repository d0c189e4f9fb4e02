# A secret is a file that only the sandbox has: of the command's user, not to be written, in memory that is never swapped out.
echo from-a-file >file
TOKEN=from-a-variable smelt-exec --secret a=env:TOKEN --secret b=file:file --secret c=fd:3 -- sh -c 'cd /run/secrets; for name in *; do echo "$name $(cat $name)"; done
stat -c "%a %U" . a; echo x >a; touch d; chmod 600 a; echo ${TOKEN-unset}; grep -c "/run/secrets ro.*- ramfs" /proc/self/mountinfo' 3<<S 2>/dev/null
from-a-descriptor
S
>>>
a from-a-variable
b from-a-file
c from-a-descriptor
500 smelt
400 smelt
unset
1
---
# None of it is in a plan.
TOKEN=from-a-variable smelt-exec --explain --json --secret a=env:TOKEN -- true | grep -o '"secret":{[^}]*}'
TOKEN=from-a-variable smelt-exec --explain --secret a=env:TOKEN -- true | grep '/run/secrets'
>>>
"secret":{"from":{any},"name":"a"}
    /run/secrets{any}secrets, in memory that is not swapped out: a
---
# A plan names a descriptor of its caller's.
echo '{"command":["cat","/run/secrets/key"],"files":[{"secret":{"from":4,"name":"key"}}]}' >plan; echo value >value
smelt-exec --plan 3 3<plan 4<value
smelt-exec --plan 3 3<plan
>>>
value
>>>2
smelt-exec: could not use descriptor '4': it is not open (refused, 77)
>>>= 125
---
# Each attempt of a task has it.
cat >task <<T
{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"sh","args":["-c","cat /run/secrets/a; exit 1"]}}}},"timeout":60000,
 "restart":{"type":"onFailure"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop","maxRetries":1}
T
smelt-exec --secret a=fd:3 --task task 3<<S
value
S
>>>
value
value
>>>= 1
---
smelt-exec --secret a=env:NOT_SET -- true
>>>2
smelt-exec: could not get the secret 'a': 'NOT_SET' is not set or empty (no_credential, 78)
>>>= 125
---
for secret in a b=HOME =env:HOME ../a=env:HOME .=env:HOME a=env: a=fd:2 a=fd:x a=http:x; do
    smelt-exec --secret "$secret" -- true 2>&1 | grep -o "^smelt-exec: --secret needs.*"
done
>>>
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not 'a'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not 'b=HOME'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not '=env:HOME'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not '../a=env:HOME'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not '.=env:HOME'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not 'a=env:'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not 'a=fd:2'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not 'a=fd:x'
smelt-exec: --secret needs NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file, not 'a=http:x'
---
X=1 smelt-exec --secret a=env:X --secret a=fd:9 -- true
>>>2
smelt-exec: could not use descriptor '9': it is not open (refused, 77)
>>>= 125
---
X=1 Y=2 smelt-exec --secret a=env:X --secret a=env:Y -- true
>>>2
smelt-exec: could not use the plan: there are two secrets 'a' (bad_plan, 65)
>>>= 125
---
: >empty; smelt-exec --secret a=file:empty -- true
>>>2
smelt-exec: could not get the secret 'a': 'empty' is not set or empty (no_credential, 78)
>>>= 125

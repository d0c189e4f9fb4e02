# All that is wrong with a task is said at once, each with its place; then there is one sentence.
cat >task.json <<'T'
{"slot": "a b",
 "kind": {"subprocess": {"mode": {"command": {"command": "true"}}, "cdw": "/"}},
 "timeoutMs": 0, "restart": {"type": "never"}}
T
smelt-exec --task task.json --report report; echo $?; jq -r '.code, .status, .message' report
>>>
125
bad_task
65
could not use the task: task.json:1:1: 'backoff' is missing (and 6 more)
>>>2
task.json:1:1: 'backoff' is missing
task.json:1:1: 'admission' is missing
task.json:1:10: 'slot' must be 1 to 64 letters, digits, '.', '_' and '-', and not '.' or '..'
task.json:2:26: 'kind.subprocess.mode' is of the domain form, and this task is in the wire form
task.json:2:68: 'kind.subprocess.cdw' is unknown; did you mean 'cwd'?
task.json:3:15: 'timeoutMs' must be at least 1
task.json:3:29: 'restart' must be one of RESTART_STRATEGY_NEVER, RESTART_STRATEGY_ON_FAILURE, RESTART_STRATEGY_ALWAYS
smelt-exec: could not use the task: task.json:1:1: 'backoff' is missing (and 6 more) (bad_task, 65)
---
echo '{"slot":' | smelt-exec --task -
>>>2
smelt-exec: could not use the task: -:2:1: the text ends where a value should stand (bad_task, 65)
>>>= 125
---
# Kinds that are known and cannot run here are refused by name.
for kind in '{"container":{"image":"x"}}' '{"wasm":{"module":"x"}}' '"embedded"'; do
    echo '{"slot":"s","kind":'"$kind"',"timeout":1,"restart":{"type":"never"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop"}' |
        smelt-exec --task -
done
>>>2
smelt-exec: could not run a task of the kind 'container'; only 'subprocess' runs in a sandbox of this host (no_runner, 69)
smelt-exec: could not run a task of the kind 'wasm'; only 'subprocess' runs in a sandbox of this host (no_runner, 69)
smelt-exec: could not run a task of the kind 'embedded'; only 'subprocess' runs in a sandbox of this host (no_runner, 69)
>>>= 125
---
echo '{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"true"}}}},"timeout":1,"restart":{"type":"never"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"drop","runnerSelector":{"matchLabels":{"runner-name":"gpu"}}}' |
    smelt-exec --task -
>>>2
smelt-exec: could not run the task here: its runnerSelector does not match the label 'runner-name=smelt-exec' (no_runner, 69)
>>>= 125
---
smelt-exec --task no-such-file; smelt-exec --task x -- true; smelt-exec --task x --plan 3 3</dev/null
>>>2
smelt-exec: could not open 'no-such-file': No such file or directory (missing, 66)
smelt-exec: --task has the command: none can be given (usage, 64)
usage: smelt-exec [OPTION...] [-- COMMAND [ARGUMENT...]]
smelt-exec: --task has the command: none can be given (usage, 64)
usage: smelt-exec [OPTION...] [-- COMMAND [ARGUMENT...]]
>>>= 125

# A task brings its slot and its admission along, as a file and as a line, with spec around it and without.
smelt-queue add "$TOP/examples/task.json"
jq -c . "$TOP/examples/task.json" | smelt-queue add -; echo $?
jq -c '{spec: .}' "$TOP/examples/task.json" | smelt-queue add - --slot other
jq -c '{task: ., hold: true, slot: "third"}' "$TOP/examples/task.json" | smelt-queue add -
smelt-queue list | jq -c '[.kind, .name, .slot, .state]'
echo '{"slot": "s", "admission": "never"}' | smelt-queue add - 2>&1 | cut -c 1-38 | head -n 1
>>>
{id}
1
{id}
{id}
["task","greeting","third","held"]
["task","greeting","other","queued"]
["task","greeting","greeting","queued"]
smelt-queue: line 1 of standard input:
>>>2
smelt-queue: the job was dropped: its slot is taken by {id}

# Of lines with one that is wrong none is added.
smelt-queue add -; echo $?; smelt-queue list
<<<
{"argv": ["true"]}
{"argv": ["true"], "grop": "x"}
>>>
65
>>>2
smelt-queue: line 2 of standard input: 'grop' is unknown; did you mean 'group'?; nothing was added
---
smelt-queue add -
<<<
{"argv": "true"}
>>>2
smelt-queue: line 1 of standard input: 'argv' must be a list of texts, not a text; nothing was added
>>>= 65
---
smelt-queue add -
<<<
{"argv": ["true"
>>>2
smelt-queue: line 1 of standard input: a ',' or ']' should stand here, at byte 18; nothing was added
>>>= 65
---
smelt-queue add -
<<<
{"name": "x"}
>>>2
smelt-queue: line 1 of standard input: say what to do with 'argv', 'task', 'manifest' or 'toml'; nothing was added
>>>= 65
---
# One program would take the first of two, another the last.
smelt-queue add -
<<<
{"argv": ["true"], "priority": 1, "argv": ["false"]}
>>>2
smelt-queue: line 1 of standard input: 'argv' is there twice; nothing was added
>>>= 65
---
smelt-queue add -
<<<
{"argv": ["true"], "labels": {"a": "b", "a": "c"}}
>>>2
smelt-queue: line 1 of standard input: 'a' is there twice; nothing was added
>>>= 65
---
smelt-queue add -
<<<
{"argv": ["true"], "retries": 1001}
>>>2
smelt-queue: 1001 retries are not from 0 to 1000
>>>= 65

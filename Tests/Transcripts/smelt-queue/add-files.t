# A manifest is looked through before it is added, and so is a task.
git init -q -b main repo
cat >job.toml <<'X'
[job]
name = "tidy"
repo = "repo"
base_ref = "main"
[environment]
runtime = "sandbox"
[[session]]
name = "one"
spec = "do"
harness = "true"
timeout = 60
[merge]
target = "main"
X
smelt-queue add job.toml
smelt-queue list | cut -d , -f 6-
sed -i s/sandbox/nowhere/ job.toml
smelt-queue add job.toml; echo $?
>>>
{id}
"attempt":0,"group":"default","id":"{id}","kind":"manifest","lock":"{T}/repo main","name":"tidy","priority":0,"seq":1,"state":"queued"}
65
>>>2
*
---
smelt-queue add gone.toml
>>>2
smelt-queue: could not open 'gone.toml': No such file or directory
>>>= 66
---
smelt-queue add
>>>2
smelt-queue: nothing to add: name files, -, or -- and a command
*
>>>= 64

# Everything that is wrong at once, in each file at its place; nothing runs.
printf 'hostnam = "x"\nread_write = ["~/src"]\n' >base.toml
cat >p.toml <<'T'
extends = ["base.toml", "none.toml"]
tmpfs = [{ path = "proc", szie = "1M" }]
stop_signal = "TREM"
seccomp = { base = "strcit" }
limits = { memory = "much" }
T
smelt-exec --policy p.toml --check; echo $?; smelt-exec --policy p.toml -- echo runs 2>&1 | tail -n 1
>>>
65
smelt-exec: could not use 'base.toml' (bad_policy, 65)
>>>2
base.toml:1:1: a policy has no key 'hostnam'; did you mean 'hostname'?
base.toml:2:15: read_write[0]: nothing is expanded in '~/src': write the whole path, or ./ before a name that begins so
p.toml:1:25: extends[1]: could not open 'none.toml': No such file or directory
p.toml:2:27: [tmpfs[0]] has no key 'szie'; did you mean 'size'?
p.toml:3:15: stop_signal must be a signal such as TERM, INT, HUP or a number, not 'TREM'
p.toml:4:20: seccomp.base must be one of none, default, strict, closed, not 'strcit'; did you mean 'strict'?
p.toml:5:21: limits.memory must be bytes, or text such as "512M" or "4GiB", not 'much'
---
# What is not there is a problem only when it is used.
printf 'read_only = ["none", "."]\nread_write = ["nor"]\nhand_on = ["NO_SUCH"]\n' >p.toml
smelt-exec --policy p.toml --check; echo $?; smelt-exec --policy p.toml -- echo runs
>>>
0
>>>2
p.toml:1:14: warning: read_only[0]: '{T}/none' is not there now
p.toml:2:15: warning: read_write[0]: '{T}/nor' is not there now
p.toml:1:14: read_only[0]: could not find '{T}/none': No such file or directory
p.toml:2:15: read_write[0]: could not find '{T}/nor': No such file or directory
p.toml:3:12: hand_on[0]: there is no variable 'NO_SUCH' to hand on
smelt-exec: could not use 'p.toml' (bad_policy, 65)
>>>= 125
---
printf 'read_only = ["none", "."]\nread_write = ["nor"]\n' >p.toml
smelt-exec --policy p.toml --explain -- true
>>>2
p.toml:1:14: read_only[0]: could not find '{T}/none': No such file or directory
p.toml:2:15: read_write[0]: could not find '{T}/nor': No such file or directory
smelt-exec: could not use 'p.toml' (bad_policy, 65)
>>>= 125
---
# What a later one allows beyond an earlier one is its right, and told.
printf 'seccomp = "strict"\nlimits = { processes = 9 }\n' >a.toml; printf 'seccomp = "none"\nlimits = { processes = 10 }\n' >b.toml
smelt-exec -p a.toml -p b.toml --check
>>>2
b.toml:1:11: warning: seccomp allows more than a.toml:1:11 does
b.toml:2:24: warning: limits.processes allows more than a.toml:2:24 does
---
echo 'extends = ["b.toml"]' >a.toml; echo 'extends = ["a.toml"]' >b.toml; smelt-exec --policy a.toml --check
>>>2
b.toml:1:12: extends[0]: 'a.toml' builds on this file: policies cannot go round in a circle
>>>= 65
---
# What anybody may write is not believed.
echo 'extends = ["q.toml"]' >p.toml; touch q.toml; chmod 666 q.toml; smelt-exec --policy p.toml --check; smelt-exec --policy q.toml -- true
>>>2
p.toml:1:12: extends[0]: could not trust 'q.toml': everybody may write it; chmod o-w takes that away
smelt-exec: could not trust 'q.toml': everybody may write it; chmod o-w takes that away (policy_not_trusted, 77)
>>>= 125
---
# Nor what a link leads to that the command could replace.
mkdir work; [ "$(id -u)" != 0 ] || chown 65534:65534 work; touch p.toml; ln -s ../p.toml work/link
smelt-exec --policy work/link --read-write work -- true
>>>2
smelt-exec: could not trust 'work/link': the command could replace the link '{T}/work/link' on the way to it; name the file itself, or keep it elsewhere (refused, 77)
>>>= 125
---
for words in '--policy none.toml --check' '--policy none.toml -- true' '--policy none.toml'; do smelt-exec $words 2>&1 | head -n 1; done
smelt-exec --plan 3 --policy p.toml 3</dev/null 2>&1 | head -n 1
>>>
smelt-exec: could not open 'none.toml': No such file or directory
smelt-exec: could not open 'none.toml': No such file or directory (no_policy, 66)
smelt-exec: --policy is for a command alone: write '-- COMMAND'
smelt-exec: --plan has everything: no --policy can be given (usage, 64)

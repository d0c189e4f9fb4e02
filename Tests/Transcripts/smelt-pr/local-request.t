# The local forge: the branch is pushed to it, a request is opened, then updated; what people wrote
# into it stays; reading, merging and watching it.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":["smelt"],"reviewers":["ann"]}'
result two
draft=true warnings='["@ann closes #1 <b>"]'
{ planned
  record session.finished '"session":"work","attempt":1,"ending":"gate_failed","committedForAgent":true,"usage":{"wallSeconds":61}'
  record gate.finished '"session":"work","command":"make test | tee log","ok":false,"status":2,"seconds":1'
  record egress '"session":"work","host":"evil.example","port":443,"allowed":false'
  collected; } >log
smelt-pr <log | own
[ "$(git -C forge.git rev-parse feature)" = "$commit" ] || echo not pushed
smelt-pr show -C forge.git --human 1
smelt-pr <log | own
smelt-pr list -C forge.git --human
draft=false
result three
log | smelt-pr | own
smelt-pr merge "file://$PWD/forge.git#1"
smelt-pr watch "file://$PWD/forge.git#1" | own; echo $?
smelt-pr merge -C forge.git 1; echo $?
git -C forge.git show main:file
>>>
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/forge.git"}
{"v":1,"type":"pull_request.opened","base":"main","draft":true,"forge":"local","head":"feature","number":1,"url":"file://{T}/forge.git#1"}
1  draft  feature → main  [smelt] demo — feature → main

Made by the job demo, for main, from the sessions work.

<!-- smelt:begin -->
| session | ended | gate | time |
|---|---|---|---|
| `work` | gate_failed | **failed** (2): `make test \| tee log` | 1m 1s |

1 commit, 1 file, +1 -1

| file | | |
|---|---|---|
| `file` | +1 | -1 |

**Refused connections**

- `evil.example:443` 1 ×

**Work that the agent left uncommitted (smelt committed it)**

- `work`

**Warnings**

- `@\u{200b}ann closes #\u{200b}1 <b>`

Run `01k00000000000000000000000`, commit `{commit}`.

<!-- smelt:end -->
{"v":1,"type":"pull_request.updated","base":"main","draft":true,"forge":"local","head":"feature","number":1,"url":"file://{T}/forge.git#1"}
1  draft  feature → main  [smelt] demo — feature → main
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"{T}/forge.git"}
{"v":1,"type":"pull_request.updated","base":"main","draft":false,"forge":"local","head":"feature","number":1,"url":"file://{T}/forge.git#1"}
{"v":1,"type":"pull_request.status","commit":"{commit}","draft":false,"forge":"local","number":1,"state":"merged","url":"file://{T}/forge.git#1"}
0
1
three
>>>2
smelt-pr: pull request 1 is merged already
---
# Where the job starts from a tag or a commit, the request is against the forge's default branch.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
git -C repo tag v1
for ref in v1 "$(git -C repo rev-parse --short main)" main; do
    log | sed "s/\"baseRef\":\"main\"/\"baseRef\":\"$ref\"/" | smelt-pr | own | grep -o '"base":"[^"]*"'
done
git -C repo checkout -q -b v1 v1 2>complaint
log | sed 's/"baseRef":"main"/"baseRef":"v1"/' | smelt-pr | own | grep -o '"base":"[^"]*"'
>>>
"base":"main"
"base":"main"
"base":"main"
"base":"v1"

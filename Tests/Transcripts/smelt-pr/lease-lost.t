# An attempt that counts no more since the branch was delivered opens no request.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/attempt.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
lost_by forge.git
log | { smelt-pr >out; echo $?; }
own <out | grep -oE '"(type|code)":"[a-z._]*"'
git -C forge.git for-each-ref --format='%(refname)' refs/smelt refs/heads/feature
>>>
75
"type":"branch.updated"
"type":"branch.updated"
"type":"failed"
"code":"lease_gone"
refs/heads/feature
refs/smelt/delivered/demo
>>>2
smelt-pr: job '{id}' is somebody else's by now, or over: what was done for it is not counted
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/attempt.sh"
. "$TOP/Tests/Transcripts/github.sh"
github
lost_by web/o/r.git
result two
log | { smelt-pr >out; echo $?; }
own <out | grep -oE '"(type|code)":"[a-z._]*"'
git -C web/o/r.git for-each-ref --format='%(refname)' refs/heads/feature
grep -c '^POST /.*pulls' web/requests
wrongs
>>>
75
"type":"branch.updated"
"type":"branch.updated"
"type":"failed"
"code":"lease_gone"
refs/heads/feature
0
>>>2
smelt-pr: job '{id}' is somebody else's by now, or over: what was done for it is not counted

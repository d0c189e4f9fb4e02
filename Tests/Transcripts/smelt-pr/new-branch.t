# Without a forge the result becomes a new branch in the user's repository; again, nothing changes.
. "$TOP/Tests/Transcripts/result.sh"
result two
log >log
smelt-pr <log | own
[ "$(git -C repo rev-parse feature)" = "$commit" ] || echo not there
[ "$(git -C repo rev-parse refs/smelt/delivered/demo)" = "$commit" ] || echo not noted
smelt-pr <log | own
>>>
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}

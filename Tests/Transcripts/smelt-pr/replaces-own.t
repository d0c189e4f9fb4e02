# What this job delivered last is replaced, however the next result looks.
. "$TOP/Tests/Transcripts/result.sh"
result two
log | smelt-pr >first
result three
log | smelt-pr | own
[ "$(git -C repo rev-parse feature)" = "$commit" ] || echo not there
>>>
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}

# A branch of the user's is moved forward by a result that contains it.
. "$TOP/Tests/Transcripts/result.sh"
git -C repo branch feature
result two
log | smelt-pr | own
>>>
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}

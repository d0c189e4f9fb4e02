# --always asks about a result that needs no review.
. "$TOP/Tests/Transcripts/result.sh"
result two
expires=0.1
log | { smelt-review --always 2>complaint; echo $? >status; } | own | head -n 1
cat status
>>>
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
77

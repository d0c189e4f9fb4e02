# No means no: the run fails with 77, and saying yes afterwards changes nothing.
. "$TOP/Tests/Transcripts/result.sh"
result two
job_review=true
smelt-review deny $run --note 'not this way' >answer
log | { smelt-review; echo $? >status; } | own
cat status
smelt-review approve $run
>>>
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
{"v":1,"type":"review.decided","actor":"uid:{any}","commit":"{commit}","decision":"denied","note":"not this way"}
{"v":1,"type":"failed","code":"review_denied","message":"the review was denied by uid:{any}: 'not this way'","stage":"review","status":77}
77
>>>2
smelt-review: the review was denied by uid:{any}: 'not this way'
smelt-review: run '01k00000000000000000000000' was denied by uid:{any} at {time}; nothing was changed
>>>= 77
---
# A late no after a yes: a clear answer, no change; yes twice is yes.
. "$TOP/Tests/Transcripts/result.sh"
result two
smelt-review approve $run >first
smelt-review approve $run >second
own <first >a; own <second >b; cmp a b
smelt-review deny $run || echo $?
review=required
log | smelt-review | own | tail -n 1
>>>
77
{"v":1,"type":"review.decided","actor":"uid:{any}","commit":"{commit}","decision":"approved"}
>>>2
smelt-review: run '01k00000000000000000000000' was approved by uid:{any} at {time}; nothing was changed

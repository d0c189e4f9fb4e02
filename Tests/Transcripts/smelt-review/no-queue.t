# Who may answer is kept in the queue: a run that is not of it fails, and asks nobody.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
log | sed 's/"expiresSeconds":86400/&,"reviewers":["uid:5001"]/' | { smelt-review; echo $? >status; } | own
cat status
smelt-review list
>>>
{"v":1,"type":"failed","code":"no_queue","message":"who may answer is kept in the queue, where this run is not: add the job with smelt-queue, or take reviewers, count and owner out of [review]","stage":"review","status":69}
69
>>>2
smelt-review: who may answer is kept in the queue, where this run is not: add the job with smelt-queue, or take reviewers, count and owner out of [review]

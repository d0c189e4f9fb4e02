# An answer holds for one commit: another result of the run is asked about again.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required expires=0.2
smelt-review approve $run >answer
result three
log | { smelt-review; echo $? >status; } | own | sed 1d
cat status
smelt-review approve $run --commit "$base"
>>>
{"v":1,"type":"review.decided","commit":"{commit}","decision":"expired"}
{"v":1,"type":"failed","code":"review_expired","hint":"{any}","message":"{any}","stage":"review","status":77}
77
>>>2
smelt-review: nobody answered the review until {any}
smelt-review: the review is about commit '{commit}', not '{commit}': look at it with 'smelt-review show'
>>>= 77

# A log that ends with a no says it once more as a failure, so that nothing behind takes it for the end of a good run.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
{ log; decided denied; } | { smelt-review; echo $? >status; } | own
cat status
>>>
{"v":1,"type":"review.decided","decision":"denied","commit":"{commit}","actor":"uid:0"}
{"v":1,"type":"failed","code":"review_denied","message":"the review was denied by uid:0","stage":"review","status":77}
77
>>>2
smelt-review: the review was denied by uid:0

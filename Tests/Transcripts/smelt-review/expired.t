# Silence is not a no: a code of its own, and a late yes still lets the log be delivered.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required expires=0.2
log | { smelt-review >log; echo $?; }
own <log
smelt-review <log >again; echo $?
cmp log again
smelt-review approve $run | own
smelt-review <log | own
>>>
77
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
{"v":1,"type":"review.decided","commit":"{commit}","decision":"expired"}
{"v":1,"type":"failed","code":"review_expired","hint":"approve it all the same with 'smelt-review approve' and feed the run's log to smelt-review again","message":"nobody answered the review until {time}","stage":"review","status":77}
0
{"v":1,"type":"review.decided","actor":"uid:{any}","commit":"{commit}","decision":"approved"}
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
{"v":1,"type":"review.decided","commit":"{commit}","decision":"expired"}
{"v":1,"type":"review.decided","actor":"uid:{any}","commit":"{commit}","decision":"approved"}
{"v":1,"type":"failed","code":"review_expired","hint":"approve it all the same with 'smelt-review approve' and feed the run's log to smelt-review again","message":"nobody answered the review until {time}","stage":"review","status":77}
>>>2
smelt-review: nobody answered the review until {time}; approve it all the same with 'smelt-review approve' and feed the run's log to smelt-review again
smelt-review: the question had expired: feed the run's log to smelt-review and smelt-pr again to deliver

# An answer given before the stage asks counts.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
smelt-review approve $run --note 'looks right' | own
log | smelt-review | own
>>>
{"v":1,"type":"review.decided","actor":"{any}","commit":"{commit}","decision":"approved","note":"looks right"}
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
{"v":1,"type":"review.decided","actor":"{any}","commit":"{commit}","decision":"approved","note":"looks right"}

# Leaving the review out of the pipe does not get around it; nor does a yes to another commit, nor a no.
. "$TOP/Tests/Transcripts/result.sh"
result two
job_review=true
log | { smelt-pr >out; echo $?; }
{ log; decided approved "$base"; } | { smelt-pr >out 2>&1; echo $?; }
{ log; decided denied; } | { smelt-pr >out 2>&1; echo $?; }
job_review=false review=required
log | { smelt-pr >out 2>&1; echo $?; }
git -C repo branch --list feature
{ log; decided approved; } | { smelt-pr >out; echo $?; }
git -C repo branch --list feature
>>>
77
77
77
77
0
  feature
>>>2
smelt-pr: the result needs a review and nobody approved commit '{commit}': put smelt-review before smelt-pr

# A line that is no record is replaced by a failure, and then nothing is delivered.
. "$TOP/Tests/Transcripts/result.sh"
result two
{ planned; echo 'not JSON'; collected; } | { smelt-pr; echo $? >status; } | own
cat status
git -C repo branch --list feature
>>>
{"v":1,"type":"failed","base64":"bm90IEpTT04K","code":"bad_line","line":2,"message":"line 2 of the input is no JSON object","sizeBytes":9,"stage":"pr","status":65}
65
---
# A record that says less than its type promises.
. "$TOP/Tests/Transcripts/result.sh"
{ planned; record result.collected '"branch":"x"'; } | { smelt-pr >out; echo $?; }
>>>
65
>>>2
smelt-pr: could not read a 'result.collected' record: 'commit' is missing
---
# A result whose commit is not in the state directory.
. "$TOP/Tests/Transcripts/result.sh"
commit=0123456789012345678901234567890123456789
log | { smelt-pr >out; echo $?; }
>>>
66
>>>2
smelt-pr: commit '0123456789012345678901234567890123456789' is not in the state directory: collect it again, or set SMELT_STATE_DIR as it was
---
# Input that ends before the result came.
smelt-pr </dev/null >out
>>>2
smelt-pr: the input ended before 'result.collected' came
>>>= 65

# Trouble that does not pass ends with 75 when patience does; a limit says until when.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls 503*always'
result two
log | { smelt-pr --patience 0.4 >out; echo $?; }
own <out | tail -n 1
wrongs
>>>
75
{"v":1,"type":"failed","code":"forge_unavailable","message":"'127.0.0.1:{any}' does not answer properly: 503 answer 503","stage":"pr","status":75}
>>>2
smelt-pr: '127.0.0.1:{any}' does not answer properly: 503 answer 503
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls slow*always'
result two
log | { smelt-pr --patience 0.4 >out; echo $?; }
wrongs
>>>
75
>>>2
smelt-pr: '127.0.0.1:{any}' does not answer properly: no answer within 0.4s
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls 403 retry-after=3600'
result two
log | { smelt-pr >out; echo $?; }
own <out | tail -n 1
wrongs
>>>
75
{"v":1,"type":"failed","code":"rate_limited","message":"'127.0.0.1:{any}' asks to wait until {time}: feed the run's log to smelt-pr then","notBefore":"{time}","stage":"pr","status":75}
>>>2
smelt-pr: '127.0.0.1:{any}' asks to wait until {time}: feed the run's log to smelt-pr then
---
# Who is told to come back at once, or in the past, still waits longer each time.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls 503 retry-after=-1*3' 'GET /pulls 429 retry-after=0*always'
result two
log | { smelt-pr --patience 2 >out; echo $?; }
requests=$(grep -c '^GET' web/requests)
[ "$requests" -ge 3 ] && [ "$requests" -le 6 ] || echo "$requests requests"
wrongs
>>>
75
>>>2
smelt-pr: '127.0.0.1:{any}' {any}

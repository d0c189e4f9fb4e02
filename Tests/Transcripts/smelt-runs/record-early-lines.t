# Lines before 'run.planned' are in the log too, and those that are no records are replaced.
(echo '{"type":"my.note"}'; echo; echo nonsense; "$TOP/Tests/Transcripts/smelt-runs/given") | smelt-runs record >out
echo "status $?"; cmp out .smelt/runs/hello/*.jsonl; head -n 2 out; wc -l <out
>>>
status 65
{"type":"my.note"}
{"v":1,"type":"failed","time":"{time}","run":"00000000000000000000000000","base64":"bm9uc2Vuc2UK","code":"bad_line","line":3,"message":"line 3 of the input is no JSON object","sizeBytes":9,"stage":"runs","status":65}
12

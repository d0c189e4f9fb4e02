# Nobody reads: the log is kept to its end all the same.
("$TOP/Tests/Transcripts/smelt-runs/given"; sleep 0) | (smelt-runs record; echo "status $?" >&2) | true
tail -n 1 .smelt/runs/hello/*.jsonl
>>>
{"v":1,"type":"run.finished","time":"{time}","run":"01k0000000000000000000000a","seconds":{any},"status":0}
>>>2
status 141

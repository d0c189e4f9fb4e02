# When the log cannot be written, that is told once, the records still pass, and what is in the log
# are whole lines.
"$TOP/Tests/Transcripts/smelt-runs/given" |
    (trap '' XFSZ; ulimit -f 4; smelt-runs record; echo "status $?" >&2) | cat >out; wc -l <out; tail -n 2 out
jq -r .type .smelt/runs/hello/*.jsonl | head -n 3
>>>
11
{"v":1,"type":"failed","time":"{time}","run":"01k0000000000000000000000a","code":"io","message":"could not write '{any}.jsonl': File too large","stage":"runs","status":74}
{"v":1,"type":"run.finished","time":"{time}","run":"01k0000000000000000000000a","seconds":{any},"status":74}
run.planned
environment.ready
session.started
>>>2
smelt-runs: could not write '{any}.jsonl': File too large
status 74

# What a killed recorder left, a line cut in two included, is completed by feeding the run again.
given=$TOP/Tests/Transcripts/smelt-runs/given
mkdir -p .smelt/runs/hello; log=.smelt/runs/hello/01k0000000000000000000000a.jsonl
"$given" | head -c 1300 >$log
"$given" | smelt-runs record | cmp - $log
>>>

# A log may be recorded again, whole, in part, or from the log itself: nothing is doubled or lost.
given=$TOP/Tests/Transcripts/smelt-runs/given
log=.smelt/runs/hello/01k0000000000000000000000a.jsonl
"$given" | smelt-runs record >out
smelt-runs record <out | cmp - out; cmp out $log
smelt-runs record <$log | cmp - out; cmp out $log
"$given" | smelt-runs record >/dev/null; cmp out $log
grep -v '"type":"output"' out | smelt-runs record >/dev/null; cmp out $log
echo '{"v":1,"type":"my.note","time":"2026-01-01T00:00:02.000Z","run":"01k0000000000000000000000a"}' |
    cat out - | smelt-runs record >more
wc -l <$log; tail -n 2 $log | cut -c 1-29
# Something new before an end that is already there: the log still ends with one.
sed 's/my.note/my.other/' more | smelt-runs record >/dev/null; tail -n 2 $log | cut -c 1-30; smelt-runs verify hello
>>>
12
{"v":1,"type":"my.note","time
{"v":1,"type":"run.finished",
{"v":1,"type":"my.other","time
{"v":1,"type":"run.finished","

# The first signal is for the other stages; after the second, the log is closed with what came.
given=$TOP/Tests/Transcripts/smelt-runs/given
start() { rm -rf .smelt in out; mkfifo in out; smelt-runs record <in >out & exec 3>in 4<out; "$given" '5,$d' >&3; head -n 4 <&4 >/dev/null; }
caught() { grep -q '^ShdPnd:.*[1-9a-f]\|^SigPnd:.*[1-9a-f]' /proc/$1/status; }
start; kill -TERM $!; while caught $!; do :; done
"$given" '1,4d' >&3; exec 3>&-; cat <&4 | tail -n 1 | cut -c 1-29; wait $!; echo "status $?"
start; kill -INT $!; while caught $!; do :; done; kill -INT $!; wait $!; echo "status $?"
tail -n 2 .smelt/runs/hello/*.jsonl | jq -c '[.type, .code, .status]'; exec 3>&-
>>>
{"v":1,"type":"run.finished",
status 0
status 130
["failed","cancelled",130]
["run.finished",null,130]
>>>2
smelt-runs: cancelled

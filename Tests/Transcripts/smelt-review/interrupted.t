# TERM while it waits: the step is given up with code `cancelled`, what still comes is passed on.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
mkfifo in out
smelt-review <in >out &
exec 8>in 9<out
log >&8
read -r line <&9; read -r line <&9; read -r line <&9
kill -TERM $!
read -r line <&9
echo "$line" | own
record environment.released '"id":"x","removed":true,"rescued":[]' >&8
exec 8>&-
own <&9
wait $!
>>>
{"v":1,"type":"failed","code":"cancelled","message":"cancelled","stage":"review","status":143}
{"v":1,"type":"environment.released","id":"x","removed":true,"rescued":[]}
>>>2
smelt-review: cancelled
>>>= 143

# Nobody reads any more: the wait ends with 141.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
mkfifo in out
smelt-review <in >out &
exec 8>in 9<out
log >&8
read -r line <&9; read -r line <&9; read -r line <&9
exec 9<&-
wait $!
>>>= 141

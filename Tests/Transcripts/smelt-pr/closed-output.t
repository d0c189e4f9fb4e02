# Nobody reads any more: nothing is delivered.
. "$TOP/Tests/Transcripts/result.sh"
result two
mkfifo in out
smelt-pr <in >out &
exec 8>in 9<out
log >&8
read -r line <&9; read -r line <&9
exec 9<&- 8>&-
wait $!; echo $?
git -C repo branch --list feature
>>>
141

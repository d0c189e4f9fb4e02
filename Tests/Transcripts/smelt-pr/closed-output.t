# Nobody reads any more: nothing is delivered.
. "$TOP/Tests/Transcripts/result.sh"
result two
mkfifo in out
smelt-pr <in >out &
exec 8>in 9<out
log >&8
read -r line <&9; read -r line <&9
# One after the other: in one command the shell closes the last first.
exec 9<&-
exec 8>&-
wait $!; echo $?
git -C repo branch --list feature
>>>
141

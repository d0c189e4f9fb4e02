# TERM while the other side is busy: the push is given up, no process stays, what still comes is passed on.
. "$TOP/Tests/Transcripts/result.sh"
result two
mkfifo in out hook
printf '#!/bin/sh\necho $$ >"%s/hook"\nexec cat "%s/never"\n' "$PWD" "$PWD" >repo/.git/hooks/pre-receive
mkfifo never
chmod +x repo/.git/hooks/pre-receive
smelt-pr <in >out &
exec 8>in 9<out
log >&8
decided approved >&8
read -r line <&9; read -r line <&9; read -r line <&9
read -r hooked <hook
kill -TERM $!
read -r line <&9
echo "$line" | own
record environment.released '"id":"x","removed":true,"rescued":[]' >&8
exec 8>&-
own <&9
wait $!; echo $?
# Killed and gone, or a zombie that nobody has taken yet.
case $(ps -o stat= -p "$hooked") in Z*|'') ;; *) echo the hook lives ;; esac
git -C repo branch --list feature
>>>
{"v":1,"type":"failed","code":"cancelled","message":"cancelled","stage":"pr","status":143}
{"v":1,"type":"environment.released","id":"x","removed":true,"rescued":[]}
143
>>>2
smelt-pr: cancelled

# watch ends with 1 for a closed request, waits for one that is open, and takes a run as well.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
mkdir -p .smelt/runs/demo
log | smelt-pr >.smelt/runs/demo/$run.jsonl
mkfifo out
smelt-pr watch --interval 0.05 $run >out &
exec 9<out
read -r line <&9
echo "$line" | own
smelt-pr close -C forge.git 1
own <&9
wait $!
>>>
{"v":1,"type":"pull_request.status","commit":"{commit}","draft":false,"forge":"local","number":1,"state":"open","url":"file://{T}/forge.git#1"}
{"v":1,"type":"pull_request.status","commit":"{commit}","draft":false,"forge":"local","number":1,"state":"closed","url":"file://{T}/forge.git#1"}
>>>= 1
---
# What is over cannot be ended again.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
log | smelt-pr >out
smelt-pr close -C forge.git 1; smelt-pr close -C forge.git 1; echo $?; smelt-pr merge -C forge.git 1
>>>
1
>>>2
smelt-pr: pull request 1 is closed already
smelt-pr: pull request 1 is closed already
>>>= 1

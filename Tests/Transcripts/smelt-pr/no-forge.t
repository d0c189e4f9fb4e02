# --no-pr moves the branch only; a forge that is not there stops everything before anything moves.
. "$TOP/Tests/Transcripts/result.sh"
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
log | { smelt-pr >out; echo $?; }
git -C repo branch --list feature
log | smelt-pr --no-pr | own
>>>
66
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}
>>>2
smelt-pr: there is no bare repository '{T}/forge.git': make it with 'git init --bare {T}/forge.git'

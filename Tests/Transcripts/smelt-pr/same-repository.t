# The user's repository may itself be the local forge; then the branch moves once.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
url=$PWD/forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
log | smelt-pr | own
>>>
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/forge.git"}
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"local","head":"feature","number":1,"url":"file://{T}/forge.git#1"}

# A run of the queue's daemon whose attempt counts no more delivers nothing, neither the branch nor the request.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
SMELT_QUEUE=$SMELT_STATE_DIR/smelt.db SMELT_ATTEMPT=1 SMELT_JOB=$(smelt-queue add -- true)
export SMELT_QUEUE SMELT_ATTEMPT SMELT_JOB
log | { smelt-pr; echo $? >status; } | own
cat status
git -C repo for-each-ref refs/heads/feature; git -C forge.git for-each-ref refs/smelt refs/heads/feature
SMELT_JOB=x
log | smelt-pr 2>complaint | own | grep -o '"status":[0-9]*'
unset SMELT_QUEUE
log | smelt-pr | own | grep -o '"type":"[a-z._]*"'
>>>
{"v":1,"type":"failed","code":"lease_gone","message":"job '{id}' is somebody else's by now, or over: what was done for it is not counted","stage":"pr","status":75}
75
"status":65
"type":"branch.updated"
"type":"branch.updated"
"type":"pull_request.opened"
>>>2
smelt-pr: job '{id}' is somebody else's by now, or over: what was done for it is not counted

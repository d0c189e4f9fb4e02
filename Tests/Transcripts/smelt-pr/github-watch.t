# watch: prints each change once, by conditional requests, until merged; reads all pages.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github
result two
mkdir -p .smelt/runs/demo
log | smelt-pr >.smelt/runs/demo/$run.jsonl
set_github '{"page":1,"checks":[["build","in_progress",null],["lint","completed","success"]],"reviews":[["ann","CHANGES_REQUESTED"],["bob","COMMENTED"],["ann","APPROVED"]]}'
mkfifo outs
smelt-pr watch --interval 0.05 $run >outs &
exec 9<outs
read -r line <&9; echo "$line" | own
set_github '{"checks":[["build","completed","failure"],["lint","completed","success"]],"statuses":[["ci/old","pending"]]}'
read -r line <&9; echo "$line" | own
set_github '{"checks":[["build","completed","success"]],"statuses":[["ci/old","success"]]}'
read -r line <&9; echo "$line" | own
set_github '{"pull":{"state":"merged"}}'
own <&9
wait $!; echo $?
grep -q 'pulls/1 304' web/requests || echo nothing was conditional
wrongs
>>>
{"v":1,"type":"pull_request.status","approvals":1,"changesRequested":0,"checks":"pending","commit":"{commit}","draft":false,"forge":"github","number":1,"reviews":3,"state":"open","url":"http://127.0.0.1/o/r/pull/1"}
{"v":1,"type":"pull_request.status","approvals":1,"changesRequested":0,"checks":"failing","commit":"{commit}","draft":false,"failedChecks":["build"],"forge":"github","number":1,"reviews":3,"state":"open","url":"http://127.0.0.1/o/r/pull/1"}
{"v":1,"type":"pull_request.status","approvals":1,"changesRequested":0,"checks":"passing","commit":"{commit}","draft":false,"forge":"github","number":1,"reviews":3,"state":"open","url":"http://127.0.0.1/o/r/pull/1"}
{"v":1,"type":"pull_request.status","approvals":1,"changesRequested":0,"checks":"passing","commit":"{commit}","draft":false,"forge":"github","number":1,"reviews":3,"state":"merged","url":"http://127.0.0.1/o/r/pull/1"}
0
---
# Closed without a merge is 1; a token that may not see checks is enough; the job's state is kept.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET check-runs 403*always' 'GET /status 403*always'
result two
log | smelt-pr >out
set_github '{"pull":{"state":"closed"}}'
mkdir -p .smelt/runs/demo
cat >.smelt/runs/demo/state.toml <<END
job_name = "demo"
phase = "complete"
sessions = []
started_at = 1
updated_at = 1
pid = 1
pr_url = "http://127.0.0.1/o/r/pull/1"
pr_number = 1
pr_status = "open"
forge_repo = "o/r"
forge_token_env = "TOKEN"
forge_provider = "github"
forge_api = "$api"
END
smelt-pr watch --job demo --human; echo $?
grep pr_status .smelt/runs/demo/state.toml
smelt-pr watch --api-url $api --token-env TOKEN https://example.org/o/r/pull/1 | own
smelt-pr watch --api-url $api --token-env TOKEN https://example.org/o/r/pull/7; echo $?
wrongs
>>>
[{any}] #1 closed; 0 approved
1
pr_status = "closed"
{"v":1,"type":"pull_request.status","approvals":0,"changesRequested":0,"commit":"{commit}","draft":false,"forge":"github","number":1,"reviews":0,"state":"closed","url":"http://127.0.0.1/o/r/pull/1"}
66
>>>2
smelt-pr: could not look at pull request 7: Not Found: either it does not exist, or the token may not see it

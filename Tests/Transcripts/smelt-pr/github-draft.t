# A failed gate makes a draft, also of a request that is open and no draft.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
draft=true
github
result two
log | smelt-pr >out; own <out | tail -n 1
set_github '{"pull":{"draft":false}}'
result three
log | smelt-pr >out; own <out | tail -n 1
grep -c graphql web/requests
wrongs
>>>
{"v":1,"type":"pull_request.opened","base":"main","draft":true,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
{"v":1,"type":"pull_request.updated","base":"main","draft":true,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
1
---
# Where the plan has no drafts, a request that is none is opened and a sentence says so.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
draft=true
github 'POST /pulls$ undraftable'
result two
log | smelt-pr >out; own <out | tail -n 1
wrongs
>>>
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
>>>2
smelt-pr: the pull request could not be made a draft: Draft pull requests are not supported in this repository.

# GitHub: the branch is pushed with the token, the request opened with labels and reviewers, then updated.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
labels='"smelt","bot"' reviewers='"ann","o/core"' more=',"title":"{job} for {base}","body":"Please look."'
github
result two
log | smelt-pr >out 2>complaint; own <out; cat complaint
[ "$(git -C web/o/r.git rev-parse feature)" = "$commit" ] || echo not pushed
cat web/decorations
head -n 1 web/body
result three
log | smelt-pr >out; own <out
cat web/requests
wrongs
>>>
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"http://127.0.0.1:{any}/o/r.git"}
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
labels smelt bot
reviewers ann teams core
Please look.
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"http://127.0.0.1:{any}/o/r.git"}
{"v":1,"type":"pull_request.updated","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
GET /repos/o/r/pulls?state=open&head=o%3Afeature&per_page=100 200
POST /repos/o/r/pulls 201
POST /repos/o/r/issues/1/labels 200
POST /repos/o/r/pulls/1/requested_reviewers 201
GET /repos/o/r/pulls?state=open&head=o%3Afeature&per_page=100 200
PATCH /repos/o/r/pulls/1 200
POST /repos/o/r/issues/1/labels 200
POST /repos/o/r/pulls/1/requested_reviewers 201

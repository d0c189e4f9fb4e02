# Somebody opens the request between our two questions: 422, and it is brought up to date.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'POST /pulls$ exists'
result two
log | smelt-pr >out; own <out | tail -n 1
sed 's/?.*per_page=100//' web/requests
wrongs
>>>
{"v":1,"type":"pull_request.updated","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
GET /repos/o/r/pulls 200
POST /repos/o/r/pulls 422
GET /repos/o/r/pulls 200

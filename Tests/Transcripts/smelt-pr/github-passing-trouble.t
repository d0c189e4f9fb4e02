# Trouble that passes is waited out: 5xx, cut-off answers, both kinds of rate limits, a renamed repository.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls 503' 'GET /pulls truncated' 'GET /pulls 429 retry-after=1' 'GET /pulls limited' \
    'GET /pulls moved' 'POST /pulls$ 502*2'
result two
log | smelt-pr >out; own <out | tail -n 1
sed 's/?.*per_page=100//' web/requests
wrongs
>>>
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
GET /repos/o/r/pulls 503
GET /repos/o/r/pulls truncated
GET /repos/o/r/pulls 429 retry-after=1
GET /repos/o/r/pulls limited
GET /repos/o/r/pulls moved
GET /repos/o/r/pulls&moved=1 200
POST /repos/o/r/pulls 502
POST /repos/o/r/pulls 502
POST /repos/o/r/pulls 201

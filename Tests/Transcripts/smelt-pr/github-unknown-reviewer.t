# A reviewer that GitHub does not take: the request stands, a sentence says what is missing.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
reviewers='"nobody"'
github
result two
log | { smelt-pr >out; echo $?; }
own <out | tail -n 1
wrongs
>>>
0
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
>>>2
smelt-pr: could not ask for reviews of pull request 1: 422 Reviews may only be requested from collaborators.

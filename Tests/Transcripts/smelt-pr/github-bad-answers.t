# Answers that make no sense, a repository that is not there, a redirect to somebody else's host.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls malformed'
result two
log | { smelt-pr >out; echo $?; }
wrongs
>>>
69
>>>2
smelt-pr: could not list the pull requests: the answer makes no sense: it is no such JSON as GitHub documents
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls 404'
result two
log | { smelt-pr >out; echo $?; }
wrongs
>>>
66
>>>2
smelt-pr: could not list the pull requests: answer 404: either it does not exist, or the token may not see it
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls elsewhere'
result two
log | { smelt-pr >out; echo $?; }
wrongs
>>>
69
>>>2
smelt-pr: 'http://127.0.0.1:{any}/repos/o/r/pulls?{any}' points to 'http://localhost:1/stolen', another host, which does not get the token
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'POST /pulls$ 422'
result two
log | { smelt-pr >out; echo $?; }
wrongs
>>>
65
>>>2
smelt-pr: could not open a pull request: answer 422

# A wrong token stops at the push, before anything was opened; its value is nowhere.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
served=other
github
result two
log | { smelt-pr >out 2>complaint; echo $?; }
cat complaint
wrongs
>>>
77
smelt-pr: the token in 'TOKEN' was refused: 'http://127.0.0.1:{any}/o/r.git' wants another one
---
# A token that may push but not open requests: 77; one that is echoed by the other side is masked.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls 401'
result two
log | { smelt-pr >out 2>complaint; echo $?; }
cat complaint
wrongs
>>>
77
smelt-pr: the token in 'TOKEN' was refused: answer 401
---
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github 'GET /pulls echo'
result two
log | { smelt-pr >out 2>complaint; echo $?; }
cat complaint
wrongs
>>>
77
smelt-pr: could not list the pull requests: not allowed: no such right for *** or {any}***{any}
---
# No token: nothing is moved.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github
result two
unset TOKEN
log | { smelt-pr >out 2>complaint; echo $?; }
cat complaint
git -C repo branch --list feature
>>>
77
smelt-pr: no token: the variable 'TOKEN' is not set

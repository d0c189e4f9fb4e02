# The token is not sent in the clear to another machine.
. "$TOP/Tests/Transcripts/result.sh"
export TOKEN=ghp_0123456789abcdefghij
forge='{"provider":"github","repository":"o/r","tokenEnv":"TOKEN","apiURL":"http://github.example","labels":[],"reviewers":[]}'
result two
log | { smelt-pr >out; echo $?; }
git -C repo branch --list feature
>>>
65
>>>2
smelt-pr: cannot use 'http://github.example': the token is sent by https only

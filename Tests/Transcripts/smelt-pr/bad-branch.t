# A name that git would take for something else is no branch.
. "$TOP/Tests/Transcripts/result.sh"
result two
target='x:refs/heads/main'
log | { smelt-pr >out; echo $?; }
target='*'
log | { smelt-pr >out; echo $?; }
git -C repo for-each-ref --format='%(refname)'
>>>
65
65
refs/heads/main
>>>2
smelt-pr: 'x:refs/heads/main' cannot be the name of a branch
smelt-pr: '*' cannot be the name of a branch

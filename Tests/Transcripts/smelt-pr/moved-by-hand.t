# What somebody did to the branch since the last delivery is not thrown away.
. "$TOP/Tests/Transcripts/result.sh"
result two
log | smelt-pr >first
git -C repo checkout -q feature
git -C repo commit -q --amend -m 'better words'
git -C repo checkout -q main
result three
log | { smelt-pr 2>complaint >out; echo $?; }
git -C repo log -1 --format=%s feature
>>>
77
better words

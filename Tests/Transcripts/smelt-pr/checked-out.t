# A checked-out branch is never moved: not by force, not in any work tree, not where the repository's
# own configuration would let it happen.
. "$TOP/Tests/Transcripts/result.sh"
git -C repo checkout -q -b feature
git -C repo config receive.denyCurrentBranch updateInstead
result two
log >log
smelt-pr <log >out; echo $?
smelt-pr --force <log >out 2>complaint; echo $?
git -C repo checkout -q main
git -C repo worktree add -q ../tree feature
smelt-pr <log >out 2>complaint; echo $?
[ "$(git -C repo rev-parse feature)" = "$base" ] || echo moved
git -C repo worktree remove ../tree
smelt-pr <log >out; echo $?
>>>
77
77
77
0
>>>2
smelt-pr: could not move branch 'feature' in '{T}/repo': it is checked out there; switch to another branch there and feed the run's log to smelt-pr again

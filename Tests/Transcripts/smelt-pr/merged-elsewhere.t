# A local request counts as merged when its head is part of its base, whoever did that.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
log | smelt-pr >out
git -C forge.git update-ref refs/heads/main "$commit"
smelt-pr list -C forge.git --human
smelt-pr watch --human "file://$PWD/forge.git#1"
>>>
1  merged  feature → main  [smelt] demo — feature → main
[{any}] #1 merged

# A request that conflicts is not merged, one that does not gets a merge commit.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
result two
log | smelt-pr >out
git clone -q forge.git work
echo other >work/other
git -C work add other
git -C work commit -qm other
git -C work push -q origin HEAD:main
smelt-pr merge -C forge.git 1; echo $?
git -C forge.git log --format=%s main
git -C work pull -q
echo mine >work/file
git -C work commit -qam mine
git -C work push -q origin HEAD:main
result three
log | smelt-pr >out
smelt-pr merge -C forge.git 2; echo $?
smelt-pr list -C forge.git --human
>>>
0
Merge 'feature' (request 1)
other
change: two
start
1
1  merged  feature → main  [smelt] demo — feature → main
2  open  feature → main  [smelt] demo — feature → main
>>>2
smelt-pr: could not merge 'feature' into 'main': they change the same lines

# Ten runs of different jobs deliver to one branch at once: one moves it, nine are refused.
. "$TOP/Tests/Transcripts/result.sh"
for n in 0 1 2 3 4 5 6 7 8 9; do
    result "text $n"
    log | sed "s/\"name\":\"demo\"/\"name\":\"demo$n\"/" >log$n
done
for n in 0 1 2 3 4 5 6 7 8 9; do
    { smelt-pr <log$n >out$n 2>complaint$n; echo $? >status$n; } &
done
wait
cat status? | sort | uniq -c | sed 's/^ *//'
cat out? | own | grep -c branch.updated
git -C repo for-each-ref --format='%(refname)' refs/smelt/delivered | wc -l
git -C repo fsck --no-dangling
>>>
1 0
9 77
1
1

# Jobs that deliver to one local forge at once get a number each; the same job again gets its own.
. "$TOP/Tests/Transcripts/result.sh"
git clone -q --bare repo forge.git
forge='{"provider":"local","repository":"'$PWD'/forge.git","labels":[],"reviewers":[]}'
for n in 1 2 3 4 5; do
    result "text $n"
    target=branch$n
    log | sed "s/\"name\":\"demo\"/\"name\":\"demo$n\"/" >log$n
done
for n in 1 2 3 4 5; do smelt-pr <log$n >out$n & done
wait
for n in 1 2 3 4 5; do smelt-pr <log$n >again$n & done
wait
cat out? | own | grep -c pull_request.opened
cat again? | own | grep -c pull_request.updated
smelt-pr list -C forge.git --human | sed 's/ .*//'
>>>
5
5
1
2
3
4
5

# merge.order comes first, the manifest's order after it.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
order='"c"'
for s in a b c; do session $s succeeded "echo $s >$s"; done
log | smelt-collect | own | grep -o '"sessions":[^]]*]'
git -C "$results" log --first-parent --format=%s "refs/smelt/results/$run"
>>>
"sessions":["c","a","b"]
Merge session 'b' of 'demo'
Merge session 'a' of 'demo'
work of c
start

# The answer to what was asked counts, whatever the rules say by now; and who was asked and has not answered is waited for.
. "$TOP/Tests/Transcripts/result.sh"
result two
expires=0.1
asked() { record review.requested '"title":"t","summary":"s","expires":"2026-01-02T00:00:00.000Z","commit":"'$commit'"'; }
for answer in denied approved; do
    { log; asked; decided $answer; } | { smelt-review 2>complaint; echo $? >status; } | own | grep -o '"type":"[^v]*"code":"[a-z_]*"'
    cat status
done
{ log; decided denied; } | { smelt-review 2>complaint; echo $?; } | tail -n 1
{ log; asked; } | { smelt-review 2>complaint; echo $?; } | tail -n 1
{ log; decided denied; decided approved; } | { smelt-review; echo $?; } | tail -n 1
>>>
"type":"failed","code":"review_denied"
77
0
77
77
0

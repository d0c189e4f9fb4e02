# Who was asked has to say yes, whatever the rules say by now: silence, a no and a yes to something else will not do.
. "$TOP/Tests/Transcripts/result.sh"
result two
asked() { record review.requested '"title":"t","summary":"s","expires":"2026-01-02T00:00:00.000Z","commit":"'$commit'"'; }
{ log; asked; } | { smelt-pr 2>complaint >out; echo $?; }
{ log; decided denied; } | { smelt-pr 2>complaint >out; echo $?; }
{ log; asked; decided expired; } | { smelt-pr 2>complaint >out; echo $?; }
git -C repo branch --list feature
{ log; decided approved "$base"; } | { smelt-pr >out; echo $?; }
git -C repo branch -qD feature
{ log; asked; decided denied; decided approved; } | { smelt-pr >out; echo $?; }
git -C repo branch --list feature
>>>
77
77
77
0
0
  feature

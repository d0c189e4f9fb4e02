# The log of a run goes through unchanged: the answer in it stands, nobody is asked again.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
{ log; record review.requested '"title":"t","summary":"s","expires":"2026-01-02T00:00:00.000Z","commit":"'$commit'"'; decided approved; } >in
smelt-review <in >out && cmp in out

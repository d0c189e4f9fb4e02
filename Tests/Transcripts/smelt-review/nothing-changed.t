# Nothing changed, so nobody is asked.
. "$TOP/Tests/Transcripts/result.sh"
commit=$base
review=required
log >in
smelt-review --always <in >out && cmp in out

# Nothing changed: nothing to deliver, and that is no failure.
. "$TOP/Tests/Transcripts/result.sh"
commit=$base
review=required
log >in
smelt-pr <in >out && cmp in out
git -C repo branch --list feature

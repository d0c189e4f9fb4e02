# A plan may be anybody's: a time that makes no sense is one that does, and a question that cannot be read hides no other.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required expires=-1e300
log | { smelt-review 2>complaint; echo $?; } | own | grep -o '"decision":"[a-z]*"'
rm -r "$SMELT_STATE_DIR/reviews"
expires=1e300
mkfifo hold out
{ log; cat hold; } | smelt-review >out &
exec 4<out
for line in planned collected requested; do read -r line <&4; done
mkdir "$SMELT_STATE_DIR/reviews/01k00000000000000000000009"
echo x >"$SMELT_STATE_DIR/reviews/01k00000000000000000000009/request.json"
smelt-review list 2>complaint | own
sed 's|/[^ ]*/reviews|reviews|' complaint
smelt-review approve $run >decision
: >hold
wait $!; echo $?
# What demands a review and says no reason is no rule's to pass.
expires=0.1
rm -r "$SMELT_STATE_DIR/reviews"
log | sed 's|"expiresSeconds":0.1|&,"autoAccept":[{"paths":["**"],"gates":false}]|' | smelt-review 2>complaint | own | grep -o '"decision":"[a-z]*"'
>>>
"decision":"expired"
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
smelt-review: could not read 'reviews/01k00000000000000000000009/request.json': it is not what smelt-review writes there
0
"decision":"expired"

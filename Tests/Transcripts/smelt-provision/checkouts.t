# A checkout stays for the next run, until nobody used it for as long as is said.
. "$TOP/Tests/Transcripts/environment.sh"
planned | smelt-provision | smelt-provision release >out
ls "$SMELT_STATE_DIR/checkouts" | grep -c "$base"
smelt-provision gc
ls "$SMELT_STATE_DIR/checkouts" | grep -c "$base"
mkdir "$SMELT_STATE_DIR/checkouts/.new-x"
smelt-provision gc --older-than 0s
ls -A "$SMELT_STATE_DIR/checkouts"
>>>
1
1
.lock

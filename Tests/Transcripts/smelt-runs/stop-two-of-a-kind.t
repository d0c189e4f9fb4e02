# A second stage of a kind in the same run does not take away by what the first can be found.
run=01k0000000000000000000000a; mkfifo in
"$TOP/Tests/Transcripts/smelt-runs/given" | head -n 1 >plan
smelt-review <in >out & exec 3>in
cat plan >&3
until [ -s "$SMELT_RUNTIME_DIR/$run/review.pid" ]; do :; done
smelt-review <plan >/dev/null
ls "$SMELT_RUNTIME_DIR/$run"; exec 3>&-; wait $!; ls "$SMELT_RUNTIME_DIR"
>>>
review.pid
>>>2
*

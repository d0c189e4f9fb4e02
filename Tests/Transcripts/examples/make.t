# make runs a job once; it is up to date until its manifest changes.
. "$TOP/Tests/Transcripts/examples/scene.sh"
make -s; echo "$?"; make -q; echo "$?"; jq -c 'select(.type == "run.finished").status' .smelt/make/hello.delivered
touch -d '1 hour ago' .smelt/make/*; make -q; echo "$?"
make -s JOBS=bad-manifest 2>/dev/null; echo "$?"
make -s clean; ls .smelt
>>>
0
0
0
1
2
runs

# run is the pipeline: each command once, in its order, with the options where they belong, the
# signals ignored for a filter between, a word behind each for the recorder, and its status.
mkdir bin; cp "$TOP/bin-scripts/smelt-run" bin
printf '#!/bin/sh\necho "manifest $*"\n' >bin/smelt-manifest
for name in provision exec collect review pr; do
    printf '#!/bin/sh\ncat; echo "%s $*"; kill -TERM $$\n' $name >bin/smelt-$name
done
printf '#!/bin/sh\nsed "s/.*stage[.]ended.*/ended/"; echo "runs $*"; exit 42\n' >bin/smelt-runs
chmod +x bin/*; bin/smelt-run --no-pr -- '-odd name.toml' </dev/null; echo "status $?"
bin/smelt-run x.toml --keep </dev/null | grep release
>>>
manifest plan -- -odd name.toml
provision 
ended
exec 
ended
collect 
ended
provision release
ended
review 
ended
pr --no-pr
ended
runs record --stages 6
status 42
provision release --keep
---
# A manifest that is no good ends it there, with its status; no other stage begins.
echo 'job = 1' >bad.toml
smelt run bad.toml | grep -o '"code":"[a-z_]*"'
smelt run bad.toml >records 2>&1
echo "status $?"
>>>
"code":"bad_manifest"
status 65
>>>2
bad.toml:1:1: {any}
bad.toml:1:1: {any}
bad.toml:1:7: job must be a table, not 1
---
# TERM to the command alone reaches the stages; what was done is kept.
. "$TOP/Tests/Transcripts/environment.sh"
: >log
harness='echo precious >new; echo ready; exec sleep 1000' planned >/dev/null
smelt run --no-pr job.toml >log &
until grep -q '"text":"ready' log; do :; done
kill -TERM $!
wait $!
echo "status $?"
grep -o '"ending":"[a-z]*"' log
>>>
status 143
"ending":"cancelled"
>>>2
smelt-exec: cancelled
smelt-provision: rescued uncollected work as 'refs/smelt/rescued/{id}/work'

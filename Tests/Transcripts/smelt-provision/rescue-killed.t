# Everybody was killed: gc saves what lies in the environment, even without its repository.
. "$TOP/Tests/Transcripts/environment.sh"
harness='echo a >work; rm -rf .git; echo on; exec sleep 1000'
: >log
planned | smelt-provision | smelt-exec >log 2>/dev/null &
until grep -q '"text":"on' log; do :; done
kill -9 $!
wait $! 2>/dev/null
until smelt-provision list --json | grep -q '"state":"left"'; do :; done
smelt-provision gc
ls -A "$SMELT_STATE_DIR/environments"
git --git-dir "$SMELT_STATE_DIR/results.git" log --format=%s --name-only refs/smelt/rescued/$run/work
>>>
.lock
smelt: uncommitted work of work

work
start

file
>>>2
smelt-provision: rescued work of 'smelt-01k00000000000000000000000' as 'refs/smelt/rescued/01k00000000000000000000000/work'

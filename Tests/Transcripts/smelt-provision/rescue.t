# Work that nobody collected is kept before the environment goes: what was committed, what was not.
. "$TOP/Tests/Transcripts/environment.sh"
inside 'echo a >committed; git add .; git commit -qm mine; echo b >left; touch .git/index.lock'
tail -n 1 all | shown
git --git-dir "$SMELT_STATE_DIR/results.git" log --format=%s --name-only refs/smelt/rescued/$run/work
>>>
{"type":"environment.released","id":"smelt-01k00000000000000000000000","removed":true,"rescued":["refs/smelt/rescued/01k00000000000000000000000/work"]}
smelt: uncommitted work of work

left
mine

committed
start

file
>>>2
smelt-provision: rescued uncollected work as 'refs/smelt/rescued/01k00000000000000000000000/work'

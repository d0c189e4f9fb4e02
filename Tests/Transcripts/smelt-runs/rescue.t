# What is kept is listed, and a session's work comes out as a branch.
git=$SMELT_STATE_DIR/results.git; mkdir $SMELT_STATE_DIR -m 700; git init -q --bare $git
commit=$(git --git-dir $git commit-tree -m x $(git --git-dir $git mktree </dev/null))
git --git-dir $git update-ref refs/smelt/rescued/01k0000000000000000000000a/on%20e $commit
git --git-dir $git update-ref refs/smelt/results/01k0000000000000000000000b $commit
smelt-runs rescue --human; smelt-runs rescue 01k0000000000000000000000a | jq -c '[.kind, .session, .ref]'
git init -q project; smelt-runs rescue 01k0000000000000000000000a 'on e' --to project --branch saved
git -C project log --format=%s saved
smelt-runs rescue 01k0000000000000000000000a two --to project
>>>
01k0000000000000000000000a  rescued   {any}  on e
01k0000000000000000000000b  result    {any}  -

To look at one: smelt-runs rescue RUN SESSION --to REPOSITORY
or: git fetch {any} REF, with REF from --json
["rescued","on e","refs/smelt/rescued/01k0000000000000000000000a/on%20e"]
x
>>>2
smelt-runs: no work of session 'two' of run '01k0000000000000000000000a' is kept
>>>= 66

# The patch pipeline leaves no branch, and its mailbox holds the whole result.
. "$TOP/Tests/Transcripts/examples/scene.sh"
pipelines/patch.sh hello.toml out.mbox; echo "$?"
git -C project for-each-ref --format='%(refname)'; git -C forge.git for-each-ref --format='%(refname)'
git -C project am -q ../out.mbox && cat project/letter.txt
>>>
0
refs/heads/main
refs/heads/main
Hello, world.
Goodbye, world.

# An agent of one's own gets its task as an argument.
. "$TOP/Tests/Transcripts/examples/scene.sh"
sed -i 's/^repo = "."/repo = "project"/' agent-manifest.toml
pipelines/plain.sh agent-manifest.toml | sort
git -C project show agent-demo:greeting.txt agent-demo:farewell.txt
>>>
farewell: succeeded
greeting: succeeded
Say hello.
Say goodbye.

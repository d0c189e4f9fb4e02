# The plain pipeline shows each ending, keeps all records, and ends as the run does.
. "$TOP/Tests/Transcripts/examples/scene.sh"
pipelines/plain.sh hello.toml | sort; echo "$?"
jq -r .type records.jsonl | grep -v output | sort | uniq -c
git -C project log --format=%s letter | sort
git -C project show letter:letter.txt
>>>
farewell: succeeded
greeting: succeeded
letter: succeeded
0
      2 branch.updated
      1 environment.ready
      1 environment.released
      3 gate.finished
      1 pull_request.opened
      1 result.collected
      1 run.finished
      1 run.planned
      3 session.finished
      3 session.started
      1 sessions.finished
Begin
Merge session 'farewell' of 'hello'
Say hello
Write a letter
smelt: uncommitted work of farewell
Hello, world.
Goodbye, world.
---
# So it does when there is nothing to run.
. "$TOP/Tests/Transcripts/examples/scene.sh"; pipelines/plain.sh nowhere.toml
>>>2
smelt-manifest: could not open 'nowhere.toml': No such file or directory
>>>= 66

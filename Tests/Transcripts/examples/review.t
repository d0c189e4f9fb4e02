# In the review pipeline a person is asked, and nothing is delivered before the answer.
. "$TOP/Tests/Transcripts/examples/scene.sh"
mkfifo log
pipelines/review.sh hello.toml log &
exec 9<log
while read -r line <&9; do
    case $line in *'"type":"review.requested"'*) break ;; esac
done
git -C project rev-parse -q --verify letter
smelt-review approve "$(echo "$line" | jq -r .run)" >/dev/null
cat <&9 | jq -r .type | grep -v environment
wait $!; echo "$?"
git -C project log -1 --format=%s letter
>>>
review.decided
branch.updated
branch.updated
pull_request.opened
run.finished
0
Write a letter
---
# A no is the end of it, and the status says so.
. "$TOP/Tests/Transcripts/examples/scene.sh"
mkfifo log
pipelines/review.sh hello.toml log &
exec 9<log
while read -r line <&9; do
    case $line in *'"type":"review.requested"'*) break ;; esac
done
smelt-review deny --note 'not now' "$(echo "$line" | jq -r .run)" >/dev/null
cat <&9 | jq -r 'select(.type == "failed").status'
wait $!; echo "$?"
git -C project rev-parse -q --verify letter
>>>
77
77
>>>2
*
>>>= 1

# --resume is the last stages for the log of a run, from a file or from the standard input.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
{ planned; record sessions.finished '"endings":{"succeeded":1}'; collected; decided approved; } >run.jsonl
smelt run --resume run.jsonl >out; echo $?
own <out | sed "/sessions.finished/d" | grep -o '"type":"[a-z._]*"'
git -C repo update-ref -d refs/heads/feature
smelt run --resume --no-pr - <run.jsonl >out; echo $?
git -C repo rev-parse -q --verify feature >found && echo there
smelt run --resume --keep run.jsonl 2>&1 | head -n 1
smelt run --resume missing.jsonl; echo $?
>>>
0
"type":"review.decided"
"type":"branch.updated"
"type":"run.finished"
0
there
smelt-run: --resume goes with --no-pr alone
66
>>>2
smelt-run: could not read 'missing.jsonl'

# A branch with commits that the result lacks stays; the sentence has the command that forces it,
# and that command works with the recorded log, failure and all.
. "$TOP/Tests/Transcripts/result.sh"
git -C repo checkout -q -b feature
git -C repo commit -q --allow-empty -m 'by hand'
git -C repo checkout -q main
old=$(git -C repo rev-parse feature)
result two
mkdir -p .smelt/runs/demo
log >in; smelt-pr <in >.smelt/runs/demo/$run.jsonl; echo $?
own <.smelt/runs/demo/$run.jsonl
[ "$(git -C repo rev-parse feature)" = "$old" ] || echo lost
smelt-pr --force <.smelt/runs/demo/$run.jsonl | own | tail -n 1; echo $?
[ "$(git -C repo rev-parse feature)" = "$commit" ] || echo not moved
>>>
77
{"v":1,"type":"failed","code":"not_fast_forward","hint":"to replace it: smelt-pr --force < {T}/.smelt/runs/demo/01k00000000000000000000000.jsonl","message":"could not move branch 'feature' in '{T}/repo': it is at {commit}, which the result does not contain and this job did not deliver","stage":"pr","status":77}
{"v":1,"type":"branch.updated","new":"{commit}","old":"{commit}","ref":"refs/heads/feature","url":"{T}/repo"}
0
>>>2
smelt-pr: could not move branch 'feature' in '{T}/repo': it is at {commit}, which the result does not contain and this job did not deliver; to replace it: smelt-pr --force < {T}/.smelt/runs/demo/01k00000000000000000000000.jsonl

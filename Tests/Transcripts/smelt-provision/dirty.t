# Uncommitted changes are counted, and not part of the job.
. "$TOP/Tests/Transcripts/environment.sh"
echo two >>repo/file
echo new >repo/new
planned | smelt-provision >out
jq -c '.warnings // empty' out
>>>
["'{T}/repo' has {any} uncommitted changes, not part of the job: commit to include them"]
>>>2
smelt-provision: warning: '{T}/repo' has 2 uncommitted changes, not part of the job: commit to include them

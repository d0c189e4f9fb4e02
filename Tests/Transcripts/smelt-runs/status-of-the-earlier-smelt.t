# Without a job, the earlier smelt's one file is read.
mkdir .smelt
printf 'job_name = "old"\nphase = "complete"\nsessions = ["a"]\nstarted_at = 100\nupdated_at = 165\npid = 1\n' >.smelt/run-state.toml
smelt-runs status --human | head -n 4; smelt-runs status --json | jq -c '[.job, .elapsedSeconds]'
>>>
Job:       old
Phase:     complete
Active:    no
Sessions:  a
["old",65]

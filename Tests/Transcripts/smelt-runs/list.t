# Every job's latest run is listed, ended or not, and the earlier smelt's files too.
smelt-runs list --human
"$TOP/Tests/Transcripts/smelt-runs/given" 's/T00:00:0/T00:00:0/' | smelt-runs record >/dev/null
mkdir -p .smelt/runs/old .smelt/runs/broken
printf 'job_name = "old"\nphase = "gates_failed"\nsessions = []\nstarted_at = 100\nupdated_at = 165\npid = 1\npr_url = "https://example.org/1"\n' >.smelt/runs/old/state.toml
echo 'phase = ' >.smelt/runs/broken/state.toml
smelt-runs list --human | tr -s ' -' | sed 's/[0-9]*h [0-9]*m [0-9]*s/DURATION/'
smelt-runs list --dir . | cut -c 1-35; smelt-runs list --dir nowhere; echo $?
>>>
No past runs.
 JOB PHASE ELAPSED PR URL
 -
 hello complete DURATION -
 old gates_failed 1m 5s https://example.org/1
{"v":1,"type":"run.described","time
{"v":1,"type":"run.described","time
66
>>>2
smelt-runs: could not read '{T}/.smelt/runs/broken/state.toml': it is not a state file of a run
smelt-runs: could not read '{T}/.smelt/runs/broken/state.toml': it is not a state file of a run
smelt-runs: could not find 'nowhere': No such file or directory

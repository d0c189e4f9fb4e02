# The log holds what came and the end that record adds, byte for byte; the project does not see it.
given=$TOP/Tests/Transcripts/smelt-runs/given
"$given" >in; smelt-runs record <in >out; echo "status $?"
cmp out .smelt/runs/hello/01k0000000000000000000000a.jsonl; head -n -1 out | cmp - in
tail -n 1 out; cat .smelt/.gitignore; sed 's/^\(updated_at\|pid\) .*/\1/' .smelt/runs/hello/state.toml
>>>
status 0
{"v":1,"type":"run.finished","time":"{time}","run":"01k0000000000000000000000a","seconds":{any},"status":0}
*
job_name = "hello"
phase = "complete"
container_id = "smelt-01k0000000000000000000000a"
sessions = ["one", "two"]
started_at = 1767225600
updated_at
pid
run = "01k0000000000000000000000a"
status = 0
manifest = "/m/job.toml"

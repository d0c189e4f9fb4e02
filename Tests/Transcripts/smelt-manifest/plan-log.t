# A log is planned as a new run that takes over what ended well; with nothing to run again it says so, or nothing with --resume.
T=$TOP/Tests/Transcripts/smelt-manifest run=01m7yqx9z57t8xy0wj5ak2kkq8
record() { printf '{"v":1,"type":"%s","time":"2026-01-01T00:00:00.000Z","run":"'$run'",%s}\n' "$@"; }
{ smelt-manifest plan --run $run "$T/job.toml" && record failed '"stage":"provision","code":"x","status":69,"message":"m"'; } > none.jsonl
smelt-manifest plan none.jsonl | jq -c '[.type, .stage, .code, .status]'
{ smelt-manifest plan --run $run "$T/job.toml"
  record environment.ready '"id":"e","runtime":"sandbox","baseRef":"main","baseCommit":"b","directory":"/d","workspace":"/w","limits":{},"network":{"mode":"none","allow":[]}'
} > cut.jsonl
smelt-manifest plan cut.jsonl | jq -c '[.type, (.run != "'$run'"), .resumes]'
smelt-manifest plan --run $run - < cut.jsonl >/dev/null
cat cut.jsonl | smelt-manifest plan --run 01m7yqx9z57t8xy0wj5ak2kkq9 - | jq -c '[.run, .resumes.run]'
{ cat cut.jsonl; record sessions.finished '"endings":{"succeeded":1}'; record result.collected '"branch":"t","commit":"c","base":"b","commits":1,"files":1,"insertions":1,"deletions":0,"sessions":[],"draft":false,"review":"none"'; } > whole.jsonl
smelt-manifest plan --resume whole.jsonl; echo $?
smelt-manifest plan whole.jsonl | jq -c '[.type, .code, .status]'
grep -v sessions.finished whole.jsonl | smelt-manifest plan - | jq -c '[.type, .resumes.sessions]'
echo '{"v":1}' | smelt-manifest plan - | jq -c '[.type, .code, .status]'
smelt-manifest plan --resume "$T/job.toml" | jq -c '[.type, .code, .status]'
smelt-manifest plan --human whole.jsonl; echo $?
>>>
["failed","manifest","not_resumable",77]
["run.planned",true,{"baseCommit":"b","first":"01m7yqx9z57t8xy0wj5ak2kkq8","run":"01m7yqx9z57t8xy0wj5ak2kkq8","sessions":[]}]
["01m7yqx9z57t8xy0wj5ak2kkq9","01m7yqx9z57t8xy0wj5ak2kkq8"]
0
["failed","not_resumable",65]
["run.planned",[]]
["failed","no_plan",65]
["failed","no_plan",65]
64
>>>2
smelt-manifest: could not go on with run '01m7yqx9z57t8xy0wj5ak2kkq8': it ended before its sessions could begin, so run its manifest again
smelt-manifest: could not go on with run '01m7yqx9z57t8xy0wj5ak2kkq8' under its own id: leave out --run, or name a new one
smelt-manifest: could not plan 'whole.jsonl': no session of it has to run again, so go on with it by smelt run --resume
smelt-manifest: could not go on with 'standard input': it has no 'run.planned' that can be read
smelt-manifest: could not go on with '{any}/job.toml': it is no log of a run, and a manifest is run without --resume
smelt-manifest: --human is for manifests
usage: smelt-manifest plan [--run RUN] [--human] [--resume] FILE|-

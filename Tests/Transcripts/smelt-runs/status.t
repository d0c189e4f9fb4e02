# A run is active for as long as its recorder lives; the recorder's lock says so, not a pid.
given=$TOP/Tests/Transcripts/smelt-runs/given
mkfifo in out
smelt-runs record <in >out & exec 3>in 4<out
"$given" '5,$d' >&3; head -n 4 <&4 >/dev/null
until smelt-runs status hello >state; do :; done
jq -c '[.job, .phase, .active]' state
kill -9 $!; { wait $!; } 2>/dev/null; smelt-runs status hello | jq -c '[.phase, .active]'
exec 3>&-; "$given" | smelt-runs record >/dev/null; smelt-runs status --human hello | sed 's/[0-9][0-9]*h [0-9]*m [0-9]*s/TIME/'
smelt-runs status other; echo "status $?"; smelt-runs status >/dev/null; echo "status $?"
>>>
["hello","executing",true]
["executing",false]
Job:       hello
Phase:     complete
Run:       01k0000000000000000000000a
Active:    no
Status:    0
Container: smelt-01k0000000000000000000000a
Sessions:  one, two
Started:   TIME ago
Elapsed:   TIME
Log:       {T}/.smelt/runs/hello/01k0000000000000000000000a.jsonl
status 1
status 1
>>>2
smelt-runs: the run ended without a word: smelt-provision gc clears up after it
smelt-runs: there is no run or job 'other' here: say where with --dir

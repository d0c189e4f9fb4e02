# The stage holds the lease until the next has it, and then goes; it does not wait for nobody.
. "$TOP/Tests/Transcripts/environment.sh"
planned | timeout 30 smelt-provision | smelt-provision release | tail -n 1 | jq -r .type
planned | timeout 30 sh -c 'smelt-provision; echo $? >status' | head -n 2 | tail -n 1 | jq -r .type
cat status
>>>
environment.released
environment.ready
141

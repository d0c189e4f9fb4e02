# What cannot be enforced is refused by name, or with --best-effort left out by name.
. "$TOP/Tests/Transcripts/environment.sh"
more='
[limits]
disk = "1G"
processes = 100
[network]
mode = "allow"
allow = ["example.org"]'
planned repo main "$more" | provision
planned repo main "$more" | smelt-provision --best-effort | tail -n 1 | jq -c '.notEnforced, .limits.processes, .limits.diskBytes, .network'
>>>
status 69
{"type":"failed","code":"not_enforceable","hint":"leave it out, or go on without it with --best-effort","message":"could not enforce 'limits.disk' on this host","stage":"provision","status":69}
["limits.disk"]
100
null
{"allow":["example.org"],"mode":"allow"}
>>>2
smelt-provision: could not enforce 'limits.disk' on this host; leave it out, or go on without it with --best-effort

# What cannot be enforced is refused by name, or with --best-effort left out by name.
. "$TOP/Tests/Transcripts/environment.sh"
more='
[limits]
io_weight = 9
processes = 100
[network]
mode = "allow"
allow = ["example.org"]'
planned repo main "$more" | provision
planned repo main "$more" | smelt-provision --best-effort | tail -n 1 | jq -c '.notEnforced, .limits.processes, .limits.ioWeight, .network'
>>>
status 69
{"type":"failed","code":"not_enforceable","hint":"{any}","message":"could not enforce 'limits.io_weight' on this host: {any}","stage":"provision","status":69}
["limits.io_weight"]
100
null
{"allow":["example.org"],"mode":"allow"}
>>>2
smelt-provision: could not enforce 'limits.io_weight' on this host: {any}
---
# What holds a session to its disk space is said.
. "$TOP/Tests/Transcripts/environment.sh"
planned repo main '
[limits]
disk = "1G"' | smelt-provision >ready
tail -n 1 ready | jq -c '.limits.diskBytes, (.diskGuard | IN("quota", "sized", "watched")), .notEnforced'
id=01k00000000000000000000001
planned | smelt-provision >ready
tail -n 1 ready | jq -c .diskGuard
>>>
1073741824
true
null
null

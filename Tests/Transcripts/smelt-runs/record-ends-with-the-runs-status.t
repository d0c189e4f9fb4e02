# The status comes from the records alone: cancelled, then the first failure, then the sessions.
given=$TOP/Tests/Transcripts/smelt-runs/given
try() { "$given" "$1" | smelt-runs record | tail -n 1 | grep -o '"status":[0-9]*'; }
failed='{"v":1,"type":"failed","time":"2026-01-01T00:00:01.000Z","run":"01k0000000000000000000000a"'
try '/"session":"two"/s/succeeded/gate_failed/'
try '/"session":"two"/s/succeeded/skipped","because":"one/;/"session":"one"/s/succeeded/gate_failed/'
try '/"session":"two"/s/succeeded/skipped","because":"one/;/"session":"one"/s/succeeded/timed_out/'
try '/"session":"two"/s/succeeded/out_of_memory/;/"session":"one"/s/succeeded/gate_failed/'
try '/"session":"two"/s/succeeded/cancelled/'
try "\$a$failed,\"code\":\"refused\",\"message\":\"no\",\"stage\":\"pr\",\"status\":77}"
try "\$a$failed,\"code\":\"io\",\"message\":\"no\",\"stage\":\"pr\",\"status\":74,\"session\":\"one\"}"
try "4i$failed,\"code\":\"refused\",\"message\":\"no\",\"stage\":\"pr\",\"status\":77}
\$a$failed,\"code\":\"cancelled\",\"message\":\"no\",\"stage\":\"pr\",\"status\":143}"
try "\$a{\"v\":1,\"type\":\"result.collected\",\"time\":\"2026-01-01T00:00:01.000Z\",\"run\":\"01k0000000000000000000000a\",\"branch\":\"b\",\"commit\":\"c\",\"base\":\"d\",\"commits\":1,\"files\":1,\"insertions\":1,\"deletions\":0,\"sessions\":[\"two\"],\"draft\":true,\"conflicts\":[{\"files\":[\"x\"],\"session\":\"one\"}],\"review\":\"none\"}"
try "\$a$failed,\"code\":\"odd\",\"message\":\"no\",\"stage\":\"pr\",\"status\":0}"
>>>
"status":2
"status":2
"status":1
"status":1
"status":130
"status":77
"status":0
"status":143
"status":1
"status":1

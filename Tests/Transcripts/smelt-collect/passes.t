# Records pass unchanged; after a failure nothing is collected, and the status is 0.
smelt-collect
<<<
{"v":1,"type":"run.planned","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","x":1}
{"v":1,"type":"failed","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","code":"io","message":"no","stage":"provision","status":74}
{"a":"anything else", "type" : "unknown"}
{"v":1,"type":"sessions.finished","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","endings":{}}
>>>
{"v":1,"type":"run.planned","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","x":1}
{"v":1,"type":"failed","time":"{time}","run":"01k00000000000000000000000","code":"bad_record","message":"could not read a 'run.planned' record: 'job' is missing","stage":"collect","status":65}
{"v":1,"type":"failed","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","code":"io","message":"no","stage":"provision","status":74}
{"a":"anything else", "type" : "unknown"}
{"v":1,"type":"sessions.finished","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","endings":{}}
>>>2
smelt-collect: could not read a 'run.planned' record: 'job' is missing
>>>= 65
---
# An input that ends early is said to.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
log | head -2 | smelt-collect | own
>>>
{"v":1,"type":"failed","code":"cut_off","message":"the input ended before 'sessions.finished' came","stage":"collect","status":65}
>>>2
smelt-collect: the input ended before 'sessions.finished' came

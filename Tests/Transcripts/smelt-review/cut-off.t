# Input that ends before the result came is a failure; somebody else's failure is passed on.
smelt-review
<<<
{"v":1,"type":"environment.released","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","id":"x","removed":true,"rescued":[]}
>>>
{"v":1,"type":"environment.released","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","id":"x","removed":true,"rescued":[]}
{"v":1,"type":"failed","time":"{time}","run":"00000000000000000000000000","code":"cut_off","message":"the input ended before 'result.collected' came","stage":"review","status":65}
>>>2
smelt-review: the input ended before 'result.collected' came
>>>= 65
---
smelt-review
<<<
{"v":1,"type":"failed","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","stage":"exec","code":"io","status":74,"message":"x"}
>>>
{"v":1,"type":"failed","time":"2026-01-01T00:00:00.000Z","run":"01k00000000000000000000000","stage":"exec","code":"io","status":74,"message":"x"}

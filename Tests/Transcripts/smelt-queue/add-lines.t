# Lines are added all at once, each with what it says for itself and what the options say.
smelt-queue add --group batch --retries 2 - --json
<<<
{"argv": ["true"]}

{"argv": ["sh", "-c", "exit 1"], "name": "no", "group": "other", "labels": {"a": "b"}, "hold": true}
>>>
{"v":1,"type":"job.admitted","time":"{time}","run":"{id}","admission":"added","state":"queued"}
{"v":1,"type":"job.admitted","time":"{time}","run":"{id}","admission":"added","state":"held"}
---
smelt-queue add - && smelt-queue list -g one --json | cut -d , -f 5-
<<<
{"argv": ["a"], "group": "one", "priority": -3, "backoffSeconds": 1.5, "at": "2999-01-01T00:00:00Z"}
>>>
{id}
"added":"{time}","attempt":0,"due":"2999-01-01T00:00:00.000Z","group":"one","id":"{id}","kind":"command","name":"a","priority":-3,"seq":1,"state":"scheduled"}

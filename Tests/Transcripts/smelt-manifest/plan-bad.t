# A bad manifest is told to people in lines and to the stages behind in a record.
smelt-manifest plan - > out; status=$?; jq -c '[.type, .stage, .code, .status, .message]' out; exit $status
<<<
[job]
name = "x"
>>>
["failed","manifest","bad_manifest",65,"-:1:1: job.base_ref is missing: add it (the branch, tag or commit to start from) (and 3 more)"]
>>>2
-:1:1: job.base_ref is missing: add it (the branch, tag or commit to start from)
-:1:1: job.repo is missing: add it (a path, relative to the manifest, or a URL that git takes)
-:1:1: merge is missing: add it (how the sessions' work becomes one)
-:1:1: session is missing: add it (the pieces of work)
>>>= 65

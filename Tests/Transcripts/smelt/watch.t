# watch takes the earlier smelt's words.
mkdir bin; cp "$TOP/bin-scripts/smelt-watch" "$TOP/bin-scripts/smelt" bin
printf '#!/bin/sh\necho "$@"\n' >bin/smelt-pr; chmod +x bin/*
bin/smelt watch add-user-auth --interval-secs 10
bin/smelt watch --interval-secs=5 01k0000000000000000000000a; bin/smelt watch --json https://example.org/pull/1
bin/smelt watch a-job-of-26-letters-and-so; bin/smelt watch 9999999999999999999999999z
bin/smelt watch --runs here job; bin/smelt watch value-of-x -i 5; bin/smelt watch --token-env -x --human job
>>>
watch --job add-user-auth --interval 10
watch --interval=5 01k0000000000000000000000a
watch --json https://example.org/pull/1
watch --job a-job-of-26-letters-and-so
watch --job 9999999999999999999999999z
watch --runs here --job job
watch --job value-of-x -i 5
watch --token-env -x --human --job job

# A URL: a branch, an annotated tag and a full commit; the second time nothing is fetched.
. "$TOP/Tests/Transcripts/environment.sh"
git -C repo tag -am v1 v1
for ref in main v1 "$base"; do
    planned "file://$PWD/repo" "$ref" | smelt-provision >out
    [ "$(tail -n 1 out | jq -r .baseCommit)" = "$base" ] && echo same
done
mv repo away
planned "file://$PWD/repo" "$base" | smelt-provision | tail -n 1 | jq -r .type
planned "file://$PWD/repo" nope | smelt-provision 2>/dev/null >out
tail -n 1 out | jq -r .code
mv away repo
planned "file://$PWD/repo" mian | provision
>>>
same
same
same
environment.ready
not_fetched
status 66
{"type":"failed","code":"no_base_ref","hint":"did you mean 'main'?","message":"could not find the base ref 'mian' in 'file://{T}/repo'","stage":"provision","status":66}
>>>2
smelt-provision: could not find the base ref 'mian' in 'file://{T}/repo'; did you mean 'main'?
---
# What ssh complains of tells more than what git makes of it.
. "$TOP/Tests/Transcripts/environment.sh"
export GIT_SSH_COMMAND="printf 'ssh: no way to get there\r\n' >&2; false #"
planned ssh://host/repo main | smelt-provision >/dev/null
>>>2
smelt-provision: could not fetch 'ssh://host/repo': ssh: no way to get there
>>>= 69

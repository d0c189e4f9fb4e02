# A command in the place of a URL is never run, whatever the user allows.
. "$TOP/Tests/Transcripts/environment.sh"
git config --global protocol.ext.allow always
GIT_ALLOW_PROTOCOL=ext:file:https
export GIT_ALLOW_PROTOCOL
planned | jq -c --arg url "ext::sh -c touch% $PWD/ran" '.job.repository = $url' >plan
provision <plan 2>/dev/null | sed 's/"message".*"stage"/"stage"/'
[ ! -e ran ]
>>>
status 69
{"type":"failed","code":"not_fetched","stage":"provision","status":69}

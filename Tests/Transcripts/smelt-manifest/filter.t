# A plan can be changed on its way by whoever stands between two stages: here one session is kept.
smelt-manifest plan "$TOP/examples/hello.toml" |
    jq -c '.job.sessions |= map(select(.name == "farewell"))' | jq -c '[.type, .job.sessions[].name]'
>>>
["run.planned","farewell"]

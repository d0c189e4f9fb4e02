# From standard input, paths start in the working directory and logs go to the state directory.
smelt-manifest plan - < "$TOP/Tests/Transcripts/smelt-manifest/job.toml" | jq -c '[.job.repository, .manifest.path, .runsDirectory, (.run | length)]'
>>>
["{T}","-","{T}/.state/runs",26]

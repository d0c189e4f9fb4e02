# A task over 64 KiB stays a file beside the log, named by path and digest.
head -c 70000 /dev/zero | tr '\0' x > long
{ cat "$TOP/Tests/Transcripts/smelt-manifest/job.toml"; printf '[[session]]\nname = "two"\nspec = "%s"\nharness = "x"\ntimeout = 1\n' "$(cat long)"; } > job.toml
smelt-manifest plan --run 01m7yqx9z57t8xy0wj5ak2kkq8 job.toml > plan
jq -c '.job.sessions[1] | [.spec, .specPath]' plan
path=$(jq -r '.job.sessions[1].specPath' plan)
cmp long "$path" && sha256sum "$path" | cut -c 1-64 | grep -cx "$(jq -r '.job.sessions[1].specSha256' plan)"
cat .smelt/.gitignore
>>>
["","{T}/.smelt/runs/hello/01m7yqx9z57t8xy0wj5ak2kkq8.two.spec"]
1
*

# The manifest to start from is good, runs as it is, and is never put over another file.
smelt-manifest init && smelt-manifest check job-manifest.toml && smelt-manifest plan job-manifest.toml | jq -r .job.name
>>>
wrote job-manifest.toml
my-job
---
echo mine > my.toml; smelt-manifest init my.toml; status=$?; cat my.toml; exit $status
>>>
mine
>>>2
smelt-manifest: 'my.toml' is already there: remove it, or name another file
>>>= 1
---
smelt-manifest init no/such/place.toml
>>>2
smelt-manifest: could not open '{any}': No such file or directory
>>>= 66

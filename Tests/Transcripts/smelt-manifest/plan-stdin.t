# From standard input, paths start in the working directory and logs go to the state directory.
smelt-manifest plan - | jq -c '[.job.repository, .manifest.path, .runsDirectory, (.run | length)]'
<<<
[job]
name = "hello"
repo = "."
base_ref = "main"
[[session]]
name = "one"
spec = "make a file"
harness = "touch x"
timeout = 60
[merge]
target = "out"
>>>
["{T}","-","{T}/.state/runs",26]

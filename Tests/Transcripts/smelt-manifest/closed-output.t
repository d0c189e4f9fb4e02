# Nobody reads: 141, as for every writer in a pipe.
cat > job.toml; mkfifo f; exec 3<> f 4> f 3>&-; smelt-manifest plan job.toml >&4
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
>>>= 141
---
# A full disk is said, with 74.
cat > job.toml; smelt-manifest plan job.toml > /dev/full
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
>>>2
smelt-manifest: could not write 'standard output': No space left on device
>>>= 74

# All files are looked at; the first bad one decides the status.
cat > good.toml; echo 'x =' > bad.toml; smelt-manifest check good.toml bad.toml nowhere.toml
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
bad.toml:1:4: could not read key-value pair: expected value, saw '\n'
smelt-manifest: could not open 'nowhere.toml': No such file or directory
>>>= 65

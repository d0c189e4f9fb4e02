# What there is not yet is refused by its name rather than passed over.
printf 'queue_dir = "drop"\nmax_concurrent = 1\n[server]\nport = 1\n[auth]\nwrite_token_env = "T"\n' >server.toml
smelt-queue serve -c server.toml
>>>2
server.toml:3:1: [server] does nothing yet: take it out
server.toml:5:1: [auth] does nothing yet: take it out
smelt-queue: could not use 'server.toml'
>>>= 78
---
# So are files that are not there.
smelt-queue serve -c gone.toml
>>>2
smelt-queue: could not open 'gone.toml': No such file or directory
>>>= 66

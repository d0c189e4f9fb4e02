# What there is not yet is refused by its name rather than passed over.
printf 'queue_dir = "drop"\nmax_concurrent = 1\n[auth]\nwrite_token_env = "T"\n[tracker]\nprovider = "github"\nrepo = "o/r"\nmanifest_template = "t.toml"\ndefault_harness = "true"\ndefault_timeout = 60\n' >server.toml
smelt-queue serve -c server.toml
>>>2
server.toml:3:1: [auth] does nothing yet: take it out
server.toml:5:1: [tracker] does nothing yet: take it out
smelt-queue: could not use 'server.toml'
>>>= 78
---
# So are files that are not there.
smelt-queue serve -c gone.toml
>>>2
smelt-queue: could not open 'gone.toml': No such file or directory
>>>= 66
---
# An address to listen on is no reason to refuse the jobs; that nobody listens is told.
printf 'queue_dir = "drop"\nmax_concurrent = 1\n[server]\nport = 8765\n' >server.toml
id=$(smelt-queue add -- true)
smelt-queue serve -c server.toml & smelt-queue wait "$id"; smelt-queue drain; wait $!; echo "status $?"
>>>
status 0
>>>2
server.toml:3:1: warning: [server]: nothing listens there, for the daemon has no HTTP interface yet

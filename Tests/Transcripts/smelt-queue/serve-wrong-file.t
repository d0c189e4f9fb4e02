# Everything that is wrong with the daemon's file is told at once, each at its place, and nothing is begun or made.
printf 'queue_dir = "drop"\nmax_concurrent = 0\nretry = 1\n[pipeline]\ncommand = []\n[exec]\noption = "x"\n' >server.toml
smelt-queue serve -c server.toml; echo "status $?"; test ! -e drop && test ! -e .state
>>>
status 78
>>>2
server.toml:2:18: max_concurrent must be a whole number from 1 to 1024, not 0
server.toml:3:1: a server configuration has no key 'retry'; it has queue_dir, max_concurrent, retry_attempts, retry_backoff_secs, ssh_timeout_secs, lease_secs, grace_secs, drain, pipeline, review, exec, log, server, workers, auth, tracker
server.toml:4:1: pipeline.command has no word: name the program that runs a manifest
server.toml:7:1: [exec] has no key 'option'; did you mean 'options'?
smelt-queue: could not use 'server.toml'

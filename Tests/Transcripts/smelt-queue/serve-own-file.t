# A daemon whose own file lies where manifests are dropped would take it for a job, and away.
mkdir drop
printf 'queue_dir = "."\nmax_concurrent = 1\n' >drop/server.toml
smelt-queue serve -c drop/server.toml
>>>2
smelt-queue: 'drop/server.toml' lies in its own queue_dir, where every manifest is a job: put it elsewhere
>>>= 78

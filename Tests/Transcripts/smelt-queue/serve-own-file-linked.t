# So it is where the file is named by a link that lies elsewhere.
mkdir drop
printf 'queue_dir = "drop"\nmax_concurrent = 1\n' >drop/server.toml
ln -s drop/server.toml link
smelt-queue serve -c link
>>>2
smelt-queue: 'link' lies in its own queue_dir, where every manifest is a job: put it elsewhere
>>>= 78
---
# And where only a link on the way to it lies there, which would be taken away.
mkdir drop
printf 'queue_dir = "drop"\nmax_concurrent = 1\n' >real.toml
ln -s ../real.toml drop/between.toml
ln -s drop/between.toml link
smelt-queue serve -c link
>>>2
smelt-queue: 'link' lies in its own queue_dir, where every manifest is a job: put it elsewhere
>>>= 78
---
# Under whatever name it lies there.
mkdir -p drop etc
printf 'queue_dir = "../drop"\nmax_concurrent = 1\n' >drop/server.conf
ln -s ../drop/server.conf etc/server.toml
smelt-queue serve -c etc/server.toml
>>>2
smelt-queue: 'etc/server.toml' lies in its own queue_dir, where every manifest is a job: put it elsewhere
>>>= 78

# So it is where the file is named by a link that lies elsewhere.
mkdir drop
printf 'queue_dir = "drop"\nmax_concurrent = 1\n' >drop/server.toml
ln -s drop/server.toml link
smelt-queue serve -c link
>>>2
smelt-queue: 'link' lies in its own queue_dir, where every manifest is a job: put it elsewhere
>>>= 78

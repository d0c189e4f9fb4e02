# init writes job-manifest.toml; one that is there stays, which is a plain no.
smelt init >/dev/null; echo "status $?"; ls; echo mine >job-manifest.toml
smelt init 2>/dev/null; echo "status $?"; cat job-manifest.toml
>>>
status 0
job-manifest.toml
status 1
mine

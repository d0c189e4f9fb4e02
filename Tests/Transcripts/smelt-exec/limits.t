# A limit is a name and a value in its range; each other one is wrong usage.
for limit in cpu cpu=0 cpu=-1 cpu=nan cpu=5000 cpu_weight=0 cpu_weight=10001 cpus= cpus=a cpus=3-1 cpus=1,,2 \
    cpus=9000 memory=0 memory=-1 memory_high=0 swap=-1 processes=0 io_weight=0 io_read=0 io_write=x io_read_ops=0 \
    io_write_ops=4294967295 threads=3; do
    smelt-exec --limit $limit -- true 2>err && echo "$limit was taken"
    head -n 1 err | grep -o "not '.*'"
done
>>>
not 'cpu'
not 'cpu=0'
not 'cpu=-1'
not 'cpu=nan'
not 'cpu=5000'
not 'cpu_weight=0'
not 'cpu_weight=10001'
not 'cpus='
not 'cpus=a'
not 'cpus=3-1'
not 'cpus=1,,2'
not 'cpus=9000'
not 'memory=0'
not 'memory=-1'
not 'memory_high=0'
not 'swap=-1'
not 'processes=0'
not 'io_weight=0'
not 'io_read=0'
not 'io_write=x'
not 'io_read_ops=0'
not 'io_write_ops=4294967295'
not 'threads=3'
---
# A group that is named must be one.
SMELT_CGROUP=$PWD smelt-exec --limit memory=1G -- true
>>>2
smelt-exec: SMELT_CGROUP must be the directory of a control group of version 2, not '{T}' (control_group, 78)
>>>= 125
---
SMELT_CGROUP=groups smelt-exec --best-effort --limit memory=1G -- true
>>>2
smelt-exec: SMELT_CGROUP must be the directory of a control group of version 2, not 'groups' (control_group, 78)
>>>= 125
---
# It is asked for only when a limit needs it.
SMELT_CGROUP=groups smelt-exec --limit processes=9 -- true

#!/bin/sh
# Bytes and operations on a real disk are bounded and counted.
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

mkdir /scratch/place
chown 65534 /scratch/place
write='import os, sys, time
begun = time.monotonic()
file = os.open("/scratch/place/" + sys.argv[1], os.O_WRONLY | os.O_CREAT)
for _ in range(6): os.write(file, bytes(1 << 20)); os.fsync(file)
print(time.monotonic() - begun)'
free=$(run --read-write /scratch/place -- python3 -c "$write" x) || fails "writing failed"
above "what was written" "$(member .usage.writtenBytes)" 6000000
bound=$(run --read-write /scratch/place --limit io_write=1M -- python3 -c "$write" y) || fails "writing slowly failed"
above "the time for 6 MiB at 1 MiB a second" "$bound" 4
below "the time without a bound" "$free" "$bound"
echo 3 >/proc/sys/vm/drop_caches
bound=$(run --read-only /scratch/place --limit io_read_ops=4 -- python3 -c 'import mmap, os, time
begun = time.monotonic()
file = os.open("/scratch/place/x", os.O_RDONLY | os.O_DIRECT)
page = mmap.mmap(-1, 4096)
for place in range(12): os.preadv(file, [page], place * 65536)
print(time.monotonic() - begun)')
above "the time of 12 reads at 4 a second" "$bound" 1.5
above "what was read" "$(member .usage.readBytes)" 40000

run --limit io_weight=50 -- true 2>"$HOME/said"
is "the status of a weight where nothing weighs" $? 125
grep -q "could not enforce the limits 'io_weight' here: no disk has the scheduler 'bfq' or a cost model" "$HOME/said" ||
    fails "it said $(cat "$HOME/said")"
rm -r /scratch/place
finish

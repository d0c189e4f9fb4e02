#!/bin/sh
# Who needs more memory than he may is ended, all of him at once, and the ending says so; what is swapped out counts.
# shellcheck disable=SC2016
# shellcheck source=Tests/Machine/inside/common
. "$TOP/Tests/Machine/inside/common"

hog='x = bytearray(400 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
run --limit memory=64M -- sh -c 'tail -f /dev/null & exec python3 -c "$1"' sh "$hog"
is "the status of a hog" $? 137
is "its ending" "$(member .ending)" out_of_memory
is "its reason" "$(member .reason)" memory
is "what it was refused" "$(denied)" "limit: more memory, the limit memory is 67108864 bytes, counted"
above "its kills" "$(member .usage.oomKills)" 0
above "its peak" "$(member .usage.peakMemoryBytes)" 50000000
below "its peak" "$(member .usage.peakMemoryBytes)" 67108865

run --limit memory=256M -- python3 -c 'x = bytearray(100 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
is "the status of one that keeps to it" $? 0
is "its kills" "$(member .usage.oomKills)" 0
is "what that one was refused" "$(denied)" ""
above "its peak" "$(member .usage.peakMemoryBytes)" 100000000
below "its peak" "$(member .usage.peakMemoryBytes)" 200000000

# What it writes into its private memory is its own.
run --limit memory=64M -- sh -c 'head -c 300M /dev/zero >/tmp/x'
is "the ending of one who fills /tmp" "$(member .ending)" out_of_memory

dd if=/dev/zero of=/scratch/swap bs=1M count=128 status=none
chmod 600 /scratch/swap
mkswap -q /scratch/swap && swapon /scratch/swap
run --limit memory=64M -- python3 -c 'x = bytearray(100 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
is "the ending where there is swap that was not asked for" "$(member .ending)" out_of_memory
run --limit memory=64M --limit swap=100M -- python3 -c 'x = bytearray(100 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
is "the status with swap" $? 0
run --limit memory_high=32M -- python3 -c 'x = bytearray(60 << 20)
for i in range(0, len(x), 4096): x[i] = 1'
is "the status of one beyond memory_high" $? 0
below "its peak" "$(member .usage.peakMemoryBytes)" 50000000
swapoff /scratch/swap
rm /scratch/swap

run --limit memory=100K -- true 2>"$HOME/said"
is "the status with less than a sandbox needs" $? 125
grep -q "could not start the sandbox: 'memory' allows less than it needs itself" "$HOME/said" || fails "it said $(cat "$HOME/said")"
finish

# stop asks whoever holds the lock of a file in the run's runtime directory, and nobody else.
place=$SMELT_RUNTIME_DIR/01k0000000000000000000000a
mkdir -p -m 700 $SMELT_RUNTIME_DIR $place; mkfifo ready never
flock -o $place/exec.pid sh -c 'echo $$ >$0; trap "echo stopped; exit" TERM; exec 5<>never; echo >ready; read x <&5' $place/exec.pid &
read x <ready; smelt-runs stop 01k0000000000000000000000a; status=$?; wait; echo "status $status"
echo $$ >$place/exec.pid; smelt-runs stop 01k0000000000000000000000a; echo "status $?"
>>>
stopped
status 0
status 1
>>>2
smelt-runs: '01k0000000000000000000000a' is not running on this machine

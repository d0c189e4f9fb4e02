# Work that can be rescued nowhere keeps its environment until somebody says that it may go.
. "$TOP/Tests/Transcripts/environment.sh"
inside 'head -c 60000000 /dev/zero >big'
sed -n 's/: .*//p' complaints
smelt-provision gc >/dev/null 2>&1; echo "status $?"
smelt-provision gc --discard smelt-$run; echo "status $?"
ls "$SMELT_STATE_DIR/environments"
smelt-provision gc --discard smelt-$run; echo "status $?"
>>>
status 74
status 0
status 66
>>>2
*
smelt-provision: could not find the environment 'smelt-01k00000000000000000000000': it was released or cleared away

# An engine that does not answer, or is not there, is not to be had.
. "$TOP/Tests/Transcripts/environment.sh"
runtime=docker image='image = "busybox"'
mkdir programs
printf '#!/bin/sh\necho "Cannot connect to the Docker daemon at unix:///nowhere. Is it running?" >&2; exit 1\n' >programs/docker
chmod +x programs/docker
PATH=$PWD/programs:$PATH
planned | provision
>>>
status 69
{"type":"failed","code":"engine","hint":"start it, or say where it is, as its own command wants it","message":"could not reach docker: Cannot connect to the Docker daemon at unix:///nowhere. Is it running?","stage":"provision","status":69}
>>>2
smelt-provision: could not reach docker: Cannot connect to the Docker daemon at unix:///nowhere. Is it running?; start it, or say where it is, as its own command wants it

# Other runtimes are not there yet.
. "$TOP/Tests/Transcripts/environment.sh"
runtime=docker image='image = "busybox"'
planned | provision
>>>
status 69
{"type":"failed","code":"runtime","hint":"set environment.runtime = \"sandbox\", or leave it and the image out","message":"could not prepare an environment of runtime 'docker': this version has only 'sandbox'","stage":"provision","status":69}
>>>2
smelt-provision: could not prepare an environment of runtime 'docker': this version has only 'sandbox'; set environment.runtime = "sandbox", or leave it and the image out

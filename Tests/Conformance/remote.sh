#!/bin/bash
# What a network lets through on an engine of another host: the same engine, by an address in place of a socket, so smelt
# takes it for one that no socket can be handed to.
set -u
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
# Only what was started here is ended here.
if [[ $variables == *STARTED=yes* ]]; then trap '"$TOP/Tests/Engine/docker" stop' EXIT; fi
eval "$variables"
host=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
exec {ports}< <(exec python3 "$TOP/Tests/Engine/forward.py" "${host#unix://}")
forwarder=$!
read -r port <&"$ports"
DOCKER_HOST=tcp://127.0.0.1:$port python3 "$TOP/Tests/Conformance/rows.py" docker nobody_special no_network_unless_opened a_network_that_is_allowed \
    by_http_and_by_socks a_broker_keeps_its_secret answers_pass_as_they_come fifty_at_once a_hundred_megabytes who_does_not_read
status=$?
kill "$forwarder"
exit $status

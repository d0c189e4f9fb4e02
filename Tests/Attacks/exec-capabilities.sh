#!/bin/sh
# A capability that is kept is held, no other can be had, and none is good for anything outside.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    sandbox --keep-capability CAP_NET_RAW --keep-capability net_bind_service -- grep ^Cap /proc/self/status >"$place/status"
    [ "$(grep -c '0000000000002400$' "$place/status")" = 5 ] || harm "asked for two: $(cat "$place/status")"
    allowed --keep-capability net_bind_service -- python3 -c 'import socket; socket.socket().bind(("127.0.0.1", 80))'
    refused -- python3 -c 'import socket; socket.socket().bind(("127.0.0.1", 80))'
    # The host's low ports, files, processes and limits are not the sandbox's.
    refused --network host --keep-capability net_bind_service -- python3 -c 'import socket; socket.socket().bind(("127.0.0.1", 81))'
    echo secret >"$here/file" && chmod 600 "$here/file" && if [ "$who" = root ]; then chown 0:0 "$here/file"; else chmod 0 "$here/file"; fi
    if [ "$who" = root ]; then
        refused --read-only "$here" --keep-capability dac_override --keep-capability dac_read_search -- cat "$here/file"
        refused --read-only "$here" --keep-capability chown -- chown 1000 "$here/file"
    fi
    refused --keep-capability sys_resource --rlimit nofile=100 -- sh -c 'ulimit -n 200'
    refused --keep-capability sys_time -- date -s 2001-01-01
    refused --keep-capability mknod -- mknod /tmp/null c 1 3
    refused --keep-capability sys_module -- python3 -c 'import ctypes; exit(ctypes.CDLL(None).syscall(313, 0, b"", 0) != 0)'
    refused --keep-capability net_raw -- setpriv --bounding-set +sys_admin --inh-caps +sys_admin --ambient-caps +sys_admin true
    refused --keep-capability setpcap -- setpriv --securebits=-noroot true
    for name in everything 12 'cap_' '' 'net_raw,sys_admin'; do
        sandbox --keep-capability "$name" -- true 2>"$place/said"
        [ $? = 125 ] || harm "'$name' was taken for a capability"
    done
}
attempt attack

#!/bin/sh
# Neither the host's network nor its sockets can be reached: by address, by abstract name, or by path.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    python3 - "$place/bin/smelt-exec" "$here" $prefix <<'P' || harm "a socket of the host was reached"
import os, socket, subprocess, sys
program, here, prefix = sys.argv[1], sys.argv[2], sys.argv[3:]
tcp = socket.create_server(("127.0.0.1", 0))
abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\0smelt-attack")
abstract.listen()
paths = []
for directory in (here, "/tmp", "/run", "/var/tmp", "/dev/shm"):
    path = f"{directory}/smelt-attack-{os.getpid()}.sock"
    server = socket.socket(socket.AF_UNIX)
    try:
        server.bind(path)
    except PermissionError:
        continue
    os.chmod(path, 0o777)
    server.listen()
    paths.append((path, server))
def tried(options, family, address):
    code = f"import socket; s = socket.socket(socket.{family}); s.settimeout(5); s.connect({address!r})"
    done = subprocess.run(prefix + [program] + options + ["--", "python3", "-c", code], capture_output=True, text=True, cwd="/")
    if done.returncode not in (0, 1):
        sys.exit(f"could not be tried: {done.stderr}")
    return done.returncode == 0
bad = []
if tried([], "AF_INET", tcp.getsockname()): bad.append("TCP")
if tried([], "AF_UNIX", "\0smelt-attack"): bad.append("abstract")
for path, server in paths:
    if tried([], "AF_UNIX", path): bad.append(path)
# The same attempts do reach the host where it is granted: they are no blanks.
if not tried(["--network", "host"], "AF_INET", tcp.getsockname()): bad.append("TCP is not reached with --network host")
if not tried(["--read-only", here], "AF_UNIX", paths[0][0]): bad.append("a granted socket is not reached")
for path, server in paths: os.unlink(path)
if bad: print(*bad); sys.exit(1)
P
    allowed -- sh -c 'test "$(ls /proc/sys/net/ipv4/conf | grep -vxE "all|default|lo|.*0" | wc -l)" = 0'
    allowed -- python3 -c 'import socket; a = socket.create_server(("127.0.0.1", 0)); socket.create_connection(a.getsockname())'
    refused -- python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'
    refused -- python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'
}
attempt attack

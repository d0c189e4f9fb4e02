#!/bin/sh
# Those inside cannot use up the network's server: a thousand connections, requests that never end, a flood of decisions.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
if [ -z "${NAMES-}" ]; then exec python3 "$TOP/Tests/Network/servers.py" -- "$0"; fi
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    sandbox --timeout "${slow}100s" --resolver "127.0.0.1:$NAMES" --events ./events --network "allow:web.example:$WEB private,web.example:$ECHO private" \
        -- python3 -c '
import socket, struct, sys, time
web, echo = map(int, sys.argv[1:])
request = f"GET http://web.example:{web}/x HTTP/1.1\r\nHost: web.example:{web}\r\nConnection: close\r\n\r\n".encode()
def ask():
    s = socket.create_connection(("127.0.0.1", 3128), timeout=60)
    s.sendall(request)
    answer = b""
    while piece := s.recv(65536): answer += piece
    return answer
# More than are served at once; none of them says anything. Beyond the limit they wait, and are not lost.
held = [socket.create_connection(("127.0.0.1", 3128), timeout=60) for _ in range(1000)]
for s in held[:600]: s.close()
if b" 200 " not in ask(): sys.exit("nobody is served behind a thousand connections")
for s in held: s.close()
# Requests that come byte by byte end after their time, however busy they look.
slow = socket.create_connection(("127.0.0.1", 3128), timeout=60)
begun, byte = time.monotonic(), 0
slow.settimeout(0.5)
while time.monotonic() - begun < 60:
    try:
        slow.sendall(request[byte % 20:][:1] if byte else b"G")
        byte = min(byte + 1, 19)
        if (got := slow.recv(64)) is not None: break
    except TimeoutError: continue
    except OSError: break
took = time.monotonic() - begun
if not 15 < took < 40: sys.exit(f"a slow request was held for {took} s")
# Ten thousand refusals are told a few times and counted.
for number in range(10000):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if number % 1000 == 0 else s
    s.sendto(struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"\4evil\4test\0\0\1\0\1", ("127.0.0.1", 53))
    s.settimeout(10)
    s.recv(512)
# A reader that does not read holds up itself alone.
stuck = socket.create_connection((socket.gethostbyname("web.example"), echo), timeout=60)
stuck.setblocking(False)
try:
    while True: stuck.send(b"x" * 65536)
except BlockingIOError: pass
if b" 200 " not in ask(): sys.exit("nobody is served beside one that does not read")
' "$WEB" "$ECHO" >"$place/said" 2>&1 || harm "$(cat "$place/said")"
    [ "$(grep -c '"host":"evil.test"' events)" -le 20 ] || harm "each refusal is told"
    grep -q 'refused 10000 times: resolve evil.test, not in network.allow' "$place/said" || harm "refusals are not counted: $(cat "$place/said")"
    rm events
}
attempt attack

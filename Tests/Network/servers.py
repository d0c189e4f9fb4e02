#!/usr/bin/env python3
"""Servers for the tests of the network, on the loopback and nowhere else: servers.py -- COMMAND...

Starts a name server, a web server, one with TLS, and one that echoes; runs COMMAND with their ports in NAMES, WEB, TLS
and ECHO (CA is the certificate to trust, SEEN a file that gets a line for each request), and ends with its status.

The name server answers NAME.example and whatever ends so with 127.0.0.1, rebind.example with 8.8.8.8 and 127.0.0.1 in
turn, ADDRESS.is.example (1-2-3-4.is.example) with that address, six.example with ::1; it has no other name. Queries are
lines of SEEN, too, so a test can see that there was none.
"""
import http.server, os, pathlib, shutil, signal, socket, socketserver, ssl, struct, subprocess, sys, tempfile, threading

place = pathlib.Path(tempfile.mkdtemp(prefix="smelt-servers-"))
seen = open(place / "seen", "a", buffering=1)
lock = threading.Lock()


def note(line):
    with lock:
        seen.write(line + "\n")


class Names:
    turns = 0

    def answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += query[at] + 1
        end = at + 5
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        note(f"query {name} {kind}")
        found = self.find(name)
        code = 0 if found is not None else 3
        data = [socket.inet_pton(socket.AF_INET6 if ":" in one else socket.AF_INET, one)
                for one in found or [] if (":" in one) == (kind == 28) and kind in (1, 28)]
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(data), 0, 0)
        return head + query[12:end] + b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(d)) + d for d in data)

    def find(self, name):
        if name == "six.example": return ["::1"]
        if name == "rebind.example":
            self.turns += 1
            return ["8.8.8.8"] if self.turns % 2 else ["127.0.0.1"]
        if name.endswith(".is.example"): return [name.split(".")[0].replace("-", ".")]
        return ["127.0.0.1"] if name.endswith(".example") else None


class Datagrams(socketserver.BaseRequestHandler):
    names = Names()

    def handle(self):
        data, sock = self.request
        sock.sendto(self.names.answer(data), self.client_address)


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_): pass

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def say(self, text, status=200, fields=()):
        self.send_response(status)
        for name, value in fields: self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(text)

    def do_GET(self):
        body = self.body()
        note(f"{self.command} {self.headers.get('Host')} {self.path} {len(body)}")
        if key := self.headers.get("Authorization"): note(f"key {key}")
        path = self.path.removeprefix("/api")
        if path == "/stream": return self.stream()
        if path == "/fields":
            return self.say("".join(f"{n}: {v}\n" for n, v in self.headers.items()).encode())
        if path.startswith("/moved"):
            port = self.server.server_address[1]
            where = {"/moved/near": f"https://127.0.0.1:{port}/api/there", "/moved/far": "http://evil.example/"}
            return self.say(b"", 302, [("Location", where[path]), ("X-Key", self.headers.get("Authorization", ""))])
        if path.startswith("/large"): return self.say(b"x" * int(path.split("/")[-1]))
        self.say(f"{self.command} {self.path} {body[:64].decode('latin-1')}\n".encode())

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

    def stream(self):
        """Each event only when the one before it was acknowledged: whoever holds back stops it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(5):
            event = f"data: {number}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            acknowledged.acquire(timeout=10)
        self.wfile.write(b"0\r\n\r\n")


acknowledged = threading.Semaphore(0)


class Acknowledging(Web):
    def do_GET(self):
        if self.path.removeprefix("/api") == "/acknowledge":
            acknowledged.release()
            return self.say(b"")
        super().do_GET()

    do_POST = do_GET


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        note("echo")
        while data := self.request.recv(65536): self.request.sendall(data)
        self.request.shutdown(socket.SHUT_WR)


class Threads(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024

    def handle_error(self, *_): pass


def certificate():
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=smelt-test", "-addext", "subjectAltName=DNS:localhost,DNS:*.example,IP:127.0.0.1",
         "-keyout", place / "key.pem", "-out", place / "ca.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "ca.pem", place / "key.pem")
    return context


def main():
    servers = {}
    names = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Datagrams)
    servers["NAMES"] = names
    servers["WEB"] = Threads(("127.0.0.1", 0), Acknowledging)
    tls = Threads(("127.0.0.1", 0), Acknowledging)
    context = certificate()
    take = tls.get_request

    def wrapped():
        connection, address = take()
        # The handshake is the handler's: one that is never made must not hold up the others.
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    tls.get_request = wrapped
    servers["TLS"] = tls
    servers["ECHO"] = Threads(("127.0.0.1", 0), Echo)
    os.chmod(place, 0o755)
    environment = dict(os.environ, CA=str(place / "ca.pem"), SEEN=str(place / "seen"))
    for name, server in servers.items():
        environment[name] = str(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    words = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    try:
        return subprocess.run(words, env=environment).returncode
    finally:
        shutil.rmtree(place, ignore_errors=True)


sys.exit(main())

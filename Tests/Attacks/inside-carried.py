#!/usr/bin/env python3
"""Connections that smelt-inside carries: each in its window, none in the way of another, and nobody else's."""
import os, shutil, subprocess, sys
from insider import Inside, listed, number, text

window = 65536


class Carried(Inside):
    """With listeners; what comes about connections is kept until somebody asks for it."""

    def __init__(self, listeners=1, alone=False):
        super().__init__(alone)
        self.count = listeners
        self.kept = []

    def __enter__(self):
        super().__enter__()
        self.serve()
        return self

    def serve(self):
        self.ask(b"t", number(self.count))
        kind, body = self.answer()
        assert kind == b"p" and len(body) == 4 * self.count, (kind, body)
        self.ports = [int.from_bytes(body[4 * i:4 * i + 4], "little") for i in range(self.count)]

    def python(self, program):
        """Runs it inside, with `ports` and a connection to the first of them at hand."""
        before = f"import socket, sys, threading\nports = {self.ports}\ncall = lambda port=ports[0]: socket.create_connection(('127.0.0.1', port))\n"
        self.ask(b"f", number(0o644) + text(str(self.place / "program.py")) + (before + program).encode())
        self.run(f"exec python3 {self.place}/program.py")

    def next(self, *kinds):
        """The next of these kinds; others wait until they are asked for."""
        for index, (kind, body) in enumerate(self.kept):
            if kind in kinds: return self.kept.pop(index)
        while True:
            kind, body = self.answer()
            if kind in kinds: return kind, body
            self.kept.append((kind, body))

    def accepted(self):
        body = self.next(b"a")[1]
        return int.from_bytes(body[:4], "little"), int.from_bytes(body[4:], "little")

    def said(self, connection):
        """What it says until it is over, and how that was."""
        data = b""
        while True:
            kind, body = self.next(b"d", b"c")
            assert int.from_bytes(body[:4], "little") == connection, (kind, body)
            if kind == b"c": return data, int.from_bytes(body[4:], "little")
            data += body[4:]
            self.room(connection, len(body) - 4)

    def say(self, connection, data): self.ask(b"d", number(connection) + data)
    def over(self, connection, broken=False): self.ask(b"c", number(connection) + number(broken))
    def room(self, connection, count): self.ask(b"w", number(connection) + number(count))

    def ended(self):
        printed = b""
        while True:
            kind, body = self.next(b"o", b"e", b"x")
            if kind == b"x": return printed, int.from_bytes(body[4:8], "little")
            printed += body

    def goes(self):
        try:
            while True: self.answer()
        except EOFError: return self.process.wait(timeout=30)


def a_connection_is_carried_both_ways():
    with Carried(2) as inside:
        inside.python("c = call(ports[1]); c.sendall(b'question'); c.shutdown(socket.SHUT_WR)\nwhile p := c.recv(9): print(p.decode(), flush=True)")
        connection, listener = inside.accepted()
        assert (connection, listener) == (1, 1)
        assert inside.said(1) == (b"question", 0)
        inside.say(1, b"one")
        assert inside.next(b"o")[1] == b"one\n"
        inside.say(1, b"two")
        inside.over(1)
        assert inside.ended() == (b"two\n", 0)


def no_more_is_under_way_than_was_asked_for():
    """And what the program prints, and whoever ends it, does not wait for that."""
    with Carried() as inside:
        inside.python("c = call()\nthreading.Thread(target=lambda: c.sendall(bytes(1 << 20)), daemon=True).start()\n"
                      "for line in range(300): print('x' * 1000, flush=True)\nprint('printed', flush=True)\nthreading.Event().wait()")
        connection = inside.accepted()[0]
        count, printed = 0, b""
        while count < window or not printed.endswith(b"printed\n"):
            kind, body = inside.next(b"d", b"o")
            if kind == b"d": count += len(body) - 4
            else: printed += body
        assert count == window, count
        inside.room(connection, 1000)
        assert len(inside.next(b"d")[1]) == 1004
        inside.ask(b"k")
        assert inside.ended()[1] == 9
        assert not any(kind == b"d" for kind, _ in inside.kept)


def a_program_that_does_not_read_is_given_no_more():
    """And holds up no other connection."""
    with Carried() as inside:
        inside.python("c = call(); d = call()\nwhile d.recv(1) == b'p': d.sendall(b'p')\ncount = 0\nwhile p := c.recv(1 << 20): count += len(p)\nprint(count)")
        slow, other = inside.accepted()[0], inside.accepted()[0]
        sent, room = 0, window
        while room:
            inside.say(slow, bytes(room))
            sent, room = sent + room, 0
            inside.say(other, b"p")
            kind, body = b"", b""
            while kind != b"d":
                kind, body = inside.next(b"d", b"w")
                if kind == b"w" and int.from_bytes(body[:4], "little") == slow: room += int.from_bytes(body[4:], "little")
        assert window < sent < 64 << 20, sent
        inside.say(other, b"r")
        inside.over(slow)
        assert inside.ended() == (f"{sent}\n".encode(), 0)


def who_says_too_much_is_not_ours():
    """Whatever smelt-exec never says is the end."""
    def too_much(inside, connection): inside.say(connection, bytes(window)), inside.say(connection, bytes(8 << 20))
    def twice_over(inside, connection): inside.over(connection), inside.over(connection)
    def after_the_end(inside, connection): inside.over(connection), inside.say(connection, b"x")
    def too_much_room(inside, connection): inside.room(connection, 1)
    def nobody(inside, connection): inside.say(connection + 1, b"x")
    def zero(inside, connection): inside.over(0)
    def short(inside, connection): inside.ask(b"w", b"\1\0\0")
    for wrong in (too_much, twice_over, after_the_end, too_much_room, nobody, zero, short):
        inside = Carried().__enter__()
        inside.python("c = call(); threading.Event().wait()")
        try: wrong(inside, inside.accepted()[0])
        except BrokenPipeError: pass
        assert inside.goes() == 76, wrong.__name__
        shutil.rmtree(inside.place)


def what_is_said_of_one_that_is_over_is_about_nothing():
    with Carried() as inside:
        inside.python("import struct\nc = call(); c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.recv(1); c.close()\n"
                      "d = call(); print(d.recv(9).decode())")
        first = inside.accepted()[0]
        inside.say(first, b"g")
        assert inside.said(first) == (b"", 1)
        inside.say(first, b"late")
        inside.room(first, 10)
        inside.over(first)
        second = inside.accepted()[0]
        inside.say(second, b"here")
        assert inside.ended() == (b"here\n", 0)


def broken_is_broken_and_an_end_an_end():
    with Carried() as inside:
        inside.python("for turn in range(2):\n  c = call()\n  try: print(c.recv(9))\n  except ConnectionResetError: print('reset')")
        inside.over(inside.accepted()[0], broken=True)
        inside.over(inside.accepted()[0])
        assert inside.ended()[0] == b"reset\nb''\n"


def so_many_at_once_and_the_others_later():
    with Carried() as inside:
        inside.python("all = [call() for _ in range(200)]\nfor c in all: c.recv(1), c.close()\nprint('served')")
        for _ in range(128): inside.accepted()
        assert not any(kind == b"a" for kind, _ in inside.kept)
        for connection in range(1, 201):
            if connection > 128: assert inside.accepted()[0] == connection
            inside.over(connection)
        assert inside.ended() == (b"served\n", 0)


def nobody_elses():
    """The loopback is shared, and the user is the same: only whose processes are seen here is let in."""
    if os.geteuid() != 0: return
    probe = "import socket, sys\ntry: sys.exit(len(socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=20).recv(1)))\nexcept ConnectionResetError: sys.exit(9)"
    with Carried(alone=True) as inside:
        other = subprocess.run(["sh", "-c", 'exec python3 -c "$1" "$2"', "sh", probe, str(inside.ports[0])], **inside.user)
        assert other.returncode == 9, other
        inside.python("s = socket.socket(socket.AF_INET6); s.connect(('::ffff:127.0.0.1', ports[0])); s.sendall(b'six')\nc = call(); print(c.recv(4).decode())")
        assert inside.accepted()[0] == 1
        assert inside.accepted()[0] == 2
        inside.say(2, b"ours")
        assert inside.ended() == (b"ours\n", 0)


def they_end_with_the_program():
    with Carried() as inside:
        port = inside.ports[0]
        inside.python("c = call(); print('called', flush=True); c.recv(1)")
        inside.accepted()
        inside.ask(b"k")
        inside.ended()
        inside.run(f"python3 -c \"import socket; socket.create_connection(('127.0.0.1', {port}))\" 2>&1 | grep -c refused")
        assert inside.ended()[0] == b"1\n"
        inside.serve()
        inside.python("c = call(); print(c.recv(4).decode())")
        assert inside.accepted() == (1, 0)
        inside.say(1, b"anew")
        assert inside.ended() == (b"anew\n", 0)


def what_programs_wrote_last_is_carried():
    """All of it, before their end is told; where there is no room for it, that it is not all."""
    with Carried() as inside:
        inside.python("import os\nall = [call() for _ in range(20)]\nfor c in all: c.recv(1)\nfor c in all: c.sendall(bytes(60000))\n"
                      "d = call(); d.recv(1)\nd.setblocking(False)\ntry:\n  while True: d.send(bytes(65536))\nexcept BlockingIOError: os._exit(0)")
        for _ in range(20): inside.say(inside.accepted()[0], b"g")
        inside.say(inside.accepted()[0], b"g")
        said, ends = dict.fromkeys(range(1, 22), 0), {}
        while True:
            kind, body = inside.next(b"d", b"c", b"x")
            if kind == b"x": break
            connection = int.from_bytes(body[:4], "little")
            if kind == b"d": said[connection] += len(body) - 4
            if kind == b"c": ends[connection] = int.from_bytes(body[4:], "little")
        assert said == {**dict.fromkeys(range(1, 21), 60000), 21: window}, said
        assert ends == {**dict.fromkeys(range(1, 21), 0), 21: 1}, ends


def what_does_not_start_leaves_no_listeners():
    with Carried() as inside:
        inside.ask(b"r", text("/") + text("") + listed(["no-such-program"]) + listed(["PATH=/usr/bin"]))
        assert inside.next(b"x")[1][:1] == b"\2"
        inside.run(f"python3 -c \"import socket; socket.create_connection(('127.0.0.1', {inside.ports[0]}))\" 2>&1 | grep -c refused")
        assert inside.ended()[0] == b"1\n"


def too_many_listeners():
    with Carried() as inside:
        inside.ask(b"t", number(129))
        assert inside.answer()[0] == b"n"


tests = [a_connection_is_carried_both_ways, no_more_is_under_way_than_was_asked_for, a_program_that_does_not_read_is_given_no_more,
         who_says_too_much_is_not_ours, what_is_said_of_one_that_is_over_is_about_nothing, broken_is_broken_and_an_end_an_end,
         so_many_at_once_and_the_others_later, nobody_elses, they_end_with_the_program,
         what_programs_wrote_last_is_carried, what_does_not_start_leaves_no_listeners, too_many_listeners]
sys.path.append(os.path.join(os.environ["TOP"], "Tests", "Pipelines"))
from pipeline import check
check(tests)

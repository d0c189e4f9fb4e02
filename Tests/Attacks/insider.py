"""smelt-inside at the end of two pipes, for the tests that speak with it."""
import fcntl, os, pathlib, select, shutil, struct, subprocess, tempfile, termios, time

program = pathlib.Path(os.environ["BIN"], "smelt-inside")
number = lambda value: struct.pack("<I", value)
text = lambda value: number(len(value.encode())) + value.encode()
listed = lambda values: number(len(values)) + b"".join(map(text, values))


class Inside:
    """Another user's where we are root, so that nothing here has more rights than in a container. With `alone` it sees its own
    processes only, as there."""

    def __init__(self, alone=False):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="smelt-inside-"))
        copy = self.place / "smelt-inside"
        shutil.copy(program, copy)
        self.place.chmod(0o777)
        self.user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        words = [str(copy)]
        if alone:
            words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *words]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **({} if alone else self.user))
        self.unread = b""

    def __enter__(self):
        kind, body = self.answer()
        assert kind == b"h" and len(body) == 28 and struct.unpack_from("<II", body) == (1, 65534 if self.user else os.getuid()), (kind, body)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        shutil.rmtree(self.place)

    def ask(self, kind, body=b""):
        self.process.stdin.write(kind + number(len(body)) + body)
        self.process.stdin.flush()

    def run(self, script, **variables):
        variables = {"PATH": os.environ["PATH"], **variables}
        self.ask(b"r", text(str(self.place)) + text("") + listed(["sh", "-c", script]) + listed([f"{k}={v}" for k, v in variables.items()]))

    def answer(self, timeout=60):
        while True:
            if len(self.unread) >= 5:
                length = struct.unpack_from("<I", self.unread, 1)[0]
                if len(self.unread) >= 5 + length:
                    found = self.unread[:1], self.unread[5:5 + length]
                    self.unread = self.unread[5 + length:]
                    return found
            assert select.select([self.process.stdout], [], [], timeout)[0], "no answer"
            more = os.read(self.process.stdout.fileno(), 1 << 16)
            if not more: raise EOFError
            self.unread += more

    def fills(self, least, timeout=60):
        """Waits until so much is there to be read."""
        until, room = time.monotonic() + timeout, bytearray(4)
        while struct.unpack("i", room)[0] < least:
            assert time.monotonic() < until, "nothing is printed"
            fcntl.ioctl(self.process.stdout, termios.FIONREAD, room)

    def end(self):
        """What came until the end: outputs, how and what it was."""
        outputs = {b"o": b"", b"e": b""}
        while True:
            kind, body = self.answer()
            if kind == b"x": return outputs[b"o"], outputs[b"e"], *struct.unpack_from("<II", body)
            assert kind in outputs, (kind, body)
            outputs[kind] += body

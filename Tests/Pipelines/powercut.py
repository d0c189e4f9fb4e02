"""What a disk may have of a directory when the power is cut: every call that changed something there is recorded with
strace(1), and played again up to any moment.

What was synced is there. Of what came later anything may be: nothing, all, or some of it, writes torn between sectors. Names
(files made, linked, renamed, removed) are there when their directory was synced; of later ones either the first so many are,
as a journal keeps them, or any. A rename is whole or not at all. A file's size goes with its writes."""
import os, pathlib, random, re, subprocess

SECTOR = 512
TRACED = ("openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,msync,sync,syncfs,"
          "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,copy_file_range,sendfile,splice")
LINE = re.compile(r"(\d+) +(.*)")
ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?|(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*|[^>\\]*)>(\(deleted\))?)?')


def plain(text):
    return bytes.fromhex(text.replace("\\x", ""))


class File:
    """One that names are of. `done` are changes of its contents, each with when it was made."""

    def __init__(self):
        self.done, self.syncs = [], []


class Recording:
    """The calls of a command and all its children that are about `place`. `said` is what they wrote to their standard output
    elsewhere, which counts from when they begin to say it."""

    def __init__(self, place, words, environment, trace, **more):
        self.place = str(place)
        # Directories that are there before; there is nothing else.
        there = sorted(str(path) for path in pathlib.Path(place).rglob("*"))
        # Threads and children, each line whole; 1 MiB is more than any of ours writes at once.
        trace = pathlib.Path(trace)
        done = subprocess.run(["strace", "-f", "-qqq", "-y", "-xx", "-s", "1048576", "-e", f"trace={TRACED}", "-e", "signal=none",
                               "-o", str(trace), *words], env=environment, capture_output=True, **more)
        assert done.returncode == 0, f"{done.returncode}: {done.stderr.decode()[-2000:]}"
        self.there, self.events, self.files, self.names = there, [], [], dict.fromkeys(there)
        self.cut, self.said = {}, []
        begun = {}
        with open(trace, encoding="ascii", errors="backslashreplace") as lines:
            for number, line in enumerate(lines):
                pid, rest = LINE.match(line.rstrip("\n")).groups()
                if rest.endswith(" <unfinished ...>"):
                    begun[pid] = (number, rest[:-len(" <unfinished ...>")])
                    self.say(number, rest)
                    continue
                at = number
                if rest.startswith("<... "):
                    at, first = begun.pop(pid)
                    rest = first + rest[rest.index(">") + 1:]
                else:
                    self.say(number, rest)
                call, rest = rest.split("(", 1)
                answer = rest.rsplit(" = ", 1)
                if len(answer) < 2 or not re.match(r"\d", answer[1]):
                    continue
                self.play(call, ARGUMENT.findall(answer[0]), answer[1], answer[0], at, number)
        trace.unlink()
        self.moments = number + 1

    def say(self, number, rest):
        if rest.startswith(("write(1<", "write(1,")):
            found = ARGUMENT.findall(rest[len("write("):])
            if not self.inside(plain_path(found[0][3])):
                self.said.append((number, plain(found[1][0]).decode()))

    def inside(self, path):
        return path == self.place or path.startswith(self.place + "/")

    def play(self, call, words, answer, text, at, number):
        """One call that did what it should; it was begun at `at` and had ended at `number`."""
        def path(index):
            # Of the calls with directories, the directory is the word before.
            given = plain(words[index][0]).decode()
            # What the recording would lack without one, `agrees` tells.
            base = plain_path(words[index - 1][3]) if index else ""
            return os.path.normpath(os.path.join(base, given))

        def opened():
            # A file without a name is nowhere.
            return "" if words[0][4] else plain_path(words[0][3])

        if call in ("open", "openat", "creat"):
            target = plain_path(ARGUMENT.match(answer).group(4) or "")
            if not self.inside(target):
                return
            if ("O_CREAT" in text or call == "creat") and target not in self.names:
                file = File()
                self.files.append(file)
                self.name(number, "make", target, file)
            elif "O_TRUNC" in text or call == "creat":
                self.change(target, number, ("size", 0))
        elif call in ("write", "pwrite64"):
            target = opened()
            if self.inside(target) and target in self.names:
                assert not words[1][1], f"a write is longer than what is recorded of it: {target}"
                data = plain(words[1][0])[:int(answer.split()[0])]
                self.change(target, number, ("data", int(words[3][2]) if call == "pwrite64" else None, data))
        elif call == "ftruncate":
            self.change(opened(), number, ("size", int(words[1][2])))
        elif call in ("fsync", "fdatasync"):
            target = opened()
            if self.inside(target):
                self.sync(target, at, number)
        elif call in ("rename", "renameat", "renameat2"):
            old, new = (path(0), path(1)) if call == "rename" else (path(1), path(3))
            if self.inside(old) or self.inside(new):
                assert self.inside(old) and self.inside(new), f"{old} is moved to {new}"
                self.name(number, "move", old, new)
        elif call in ("link", "linkat"):
            old, new = (path(0), path(1)) if call == "link" else (path(1), path(3))
            if self.inside(new):
                self.name(number, "make", new, self.names[old])
        elif call in ("unlink", "rmdir"):
            self.name(number, "drop", path(0))
        elif call == "unlinkat":
            self.name(number, "drop", path(1))
        elif call in ("mkdir", "mkdirat"):
            self.name(number, "make", path(0 if call == "mkdir" else 1), None)
        else:
            assert not any(self.inside(plain_path(w[3])) for w in words if w[3]), f"{call} is not played: {text[:200]}"

    def change(self, path, number, what):
        if not self.inside(path) or path not in self.names:
            return
        file = self.names[path]
        if what[0] == "data" and what[1] is None:
            # All that writes without a place appends.
            what = ("data", len(contents(file.done)), what[2])
        file.done.append((number, what))

    def name(self, number, kind, path, other=None):
        if not self.inside(path) or path == self.place:
            return
        apply(self.names, kind, path, other)
        self.events.append((number, kind, path, other))

    def sync(self, path, at, number):
        target = self.names.get(path, False)
        if isinstance(target, File):
            target.syncs.append((at, number))
        else:
            self.cut.setdefault(path, []).append((at, number))

    @property
    def syncs(self):
        """When each of them had ended."""
        return sorted({end for file in self.files for _, end in file.syncs} | {end for all in self.cut.values() for _, end in all})

    def answers(self, moment):
        """All that was said by then."""
        return "".join(text for number, text in self.said if number < moment)

    def image(self, moment, kind, chance):
        """What the disk may have when the power is cut before call `moment` ends: names, and the contents of the files.
        `kind` is nothing, all, journal or any."""
        names, known = dict.fromkeys(self.there), [event for event in self.events if event[0] < moment]
        synced = [all(self.is_synced(self.cut.get(str(pathlib.Path(p).parent), []), event[0], moment)
                      for p in ([event[2], event[3]] if event[1] == "move" else [event[2]])) for event in known]
        if kind in ("nothing", "all"):
            kept = [kind == "all" or is_synced for is_synced in synced]
        elif kind == "journal":
            last = max((index for index, is_synced in enumerate(synced) if is_synced), default=-1)
            end = chance.randint(last + 1, len(known))
            kept = [index < end for index in range(len(known))]
        else:
            kept = [is_synced or chance.random() < 0.5 for is_synced in synced]
        for (_, what, path, other), is_kept in zip(known, kept):
            if is_kept:
                apply(names, what, path, other)
        # Files that nothing names any more are gone, and so is what lies in directories that are not there.
        share = chance.choice([0.1, 0.5, 0.9])
        found = {}
        for path, file in names.items():
            if any(str(parent) not in names for parent in pathlib.Path(path).parents
                   if self.inside(str(parent)) and str(parent) != self.place):
                continue
            found[path] = None if file is None else contents(self.kept(file, moment, kind, chance, share))
        return found

    def is_synced(self, syncs, number, moment):
        return any(number < begun and ended < moment for begun, ended in syncs)

    def kept(self, file, moment, kind, chance, share):
        last = max((begun for begun, ended in file.syncs if ended < moment), default=-1)
        for number, what in file.done:
            if number >= moment:
                return
            if number < last or kind == "all":
                yield number, what
            elif kind != "nothing" and chance.random() < share:
                if what[0] == "data" and chance.random() < 0.3:
                    yield from torn(number, what, chance)
                else:
                    yield number, what


def plain_path(text):
    if text.startswith("\\x"):
        return plain(text).decode(errors="replace")
    return text


def torn(number, what, chance):
    """Some of the sectors of a write."""
    _, start, data = what
    at = start
    while at < start + len(data):
        end = min(start + len(data), (at // SECTOR + 1) * SECTOR)
        if chance.random() < 0.5:
            yield number, ("data", at, data[at - start:end - start])
        at = end


def contents(done):
    bytes = bytearray()
    for _, (kind, where, *data) in done:
        if kind == "size":
            del bytes[where:]
            bytes.extend(b"\0" * (where - len(bytes)))
        else:
            bytes.extend(b"\0" * (where - len(bytes)))
            bytes[where:where + len(data[0])] = data[0]
    return bytes


def apply(names, kind, path, other):
    """One change of the names; of what is not there nothing is done."""
    if kind == "make":
        names[path] = other
    elif kind == "drop":
        names.pop(path, None)
    elif path in names:
        for name in [n for n in names if n == path or n.startswith(path + "/")]:
            names[other + name[len(path):]] = names.pop(name)


def lay_out(image, place, target):
    """Writes an image to a directory, which is to be empty."""
    for path in sorted(image):
        to = pathlib.Path(target + path[len(place):])
        if image[path] is None:
            to.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            to.write_bytes(image[path])
            to.chmod(0o600)


def agrees(recording, left_out):
    """Whether all that was recorded gives what is there; else what the recording lacks."""
    image = recording.image(recording.moments, "all", random.Random(0))
    there = {}
    for path in pathlib.Path(recording.place).rglob("*"):
        if not left_out(str(path)):
            there[str(path)] = None if path.is_dir() else path.read_bytes()
    image = {path: data for path, data in image.items() if not left_out(path)}
    wrong = [p for p in {*there, *image} if p not in there or p not in image or there[p] != image[p]]
    return "" if not wrong else f"the recording differs from what is there: {sorted(wrong)[:5]}"

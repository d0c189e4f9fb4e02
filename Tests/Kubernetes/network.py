#!/usr/bin/env python3
"""Connections that are carried out of a pod, when what carries them dies."""
import http.server, os, pathlib, select, signal, subprocess, sys, threading
from cluster import Cluster, check, needed, of, until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Conformance"))
from row_walls import own_address

needed()
loose = [["smelt-provision", "--best-effort"], ["smelt-exec"], ["smelt-collect"], ["smelt-provision", "release"]]


class Endless:
    """A server that never stops to answer; `over` when the answer cannot be sent any more."""

    def __enter__(self):
        over = self.over = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                try:
                    while True: self.wfile.write(bytes(65536))
                except OSError: over.set()

            def log_message(self, *_): pass

        self.server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"{own_address()}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def job(world, site):
    """A session that is in the midst of an answer when it says so."""
    harness = (f"git commit -q --allow-empty -m mine; curl -sN http://{site.address}/ | "
               "{ [ $(head -c 1000000 | wc -c) = 1000000 ] && echo begun; exec cat >/dev/null; }")
    manifest = world.job(harness)
    manifest.write_text(manifest.read_text().replace("mode = 'host'", f"allow = ['{site.address} private']"))
    return manifest


def own(world, word):
    return [pid for pid, command in world.processes().items() if word in command]


def gone(pids):
    for pid in pids:
        try: descriptor = os.pidfd_open(pid)
        except ProcessLookupError: continue
        try:
            assert select.select([descriptor], [], [], 30)[0], f"{pid} lives"
        finally: os.close(descriptor)


def when_smelt_exec_is_killed():
    """smelt-egress, the connection to the server and what runs in the pod end; what was committed is rescued."""
    with Cluster() as world, Endless() as site:
        def kill(log, pipe):
            until(log, '"text":"begun', pipe)
            helpers = own(world, "smelt-egress") + own(world, "smelt-inside")
            # It has no variables by which it could be found.
            helpers += [int(p) for p in subprocess.run(["pgrep", "-P", str(pipe.children[1].pid)], capture_output=True, text=True).stdout.split()]
            assert len(set(helpers)) >= 2, helpers
            pipe.kill(1)
            gone(helpers)
            assert site.over.wait(30), "the server still sends"
        records = world.records(job(world, site), commands=loose, meanwhile=kill)
        rescued = of(records, "environment.released")[0]["rescued"]
        assert len(rescued) == 1, (records[-3:], world.errors())
        world.nothing_left()


def when_the_connection_is_killed():
    """The session has failed, what it was let through is told, nobody goes on."""
    with Cluster() as world, Endless() as site:
        def cut(log, pipe):
            until(log, '"text":"begun', pipe)
            found = [pid for pid, words in world.processes().items() if words.startswith("kubectl") and "smelt-inside" in words]
            assert len(found) == 1, world.processes()
            os.kill(found[0], signal.SIGKILL)
            assert site.over.wait(60), "the server still sends"
        records = world.records(job(world, site), commands=loose, meanwhile=cut)
        end = of(records, "session.finished")[0]
        assert end["ending"] == "failed", end
        assert [(r["allowed"], r["host"]) for r in of(records, "egress")] == [(True, own_address())], of(records, "egress")
        world.nothing_left()


check([when_smelt_exec_is_killed, when_the_connection_is_killed])

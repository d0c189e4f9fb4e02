"""Rows of the proxy, beside another."""
import shutil, socket, subprocess, sys

from common import *


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def proxy(home):
    """Requests of 50 connections through smelt-egress and through tinyproxy, to a server that answers 1 KiB at once."""
    if not shutil.which("tinyproxy"):
        return missing("5,000 requests through `smelt-egress` / `tinyproxy`", "there is no tinyproxy")
    load = home / "load"
    subprocess.run(["gcc", "-O2", "-o", load, top / "Tests" / "Network" / "load.c"], check=True)
    mine, other, server = free_ports(3)
    settings = home / "tinyproxy.conf"
    settings.write_text(f"Port {other}\nListen 127.0.0.1\nMaxClients 200\nAllow 127.0.0.1\nConnectPort {server}\nLogLevel Critical\nLogFile \"{home}/log\"\n")
    started = [subprocess.Popen([binaries / "smelt-egress", "--listen", f"127.0.0.1:{mine}", "--allow", f"127.0.0.1:{server}"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
               subprocess.Popen(["tinyproxy", "-d", "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    try:
        for port in (mine, other):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    if any(one.poll() is not None for one in started): sys.exit("bench: a proxy has ended")
        for how, what in (("plain", "requests"), ("connect", "tunnels")):
            def seconds(port):
                words = [load, str(port), str(server), how, "50", "5000"]
                return lambda: float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
            ours, peer = alternating(seconds(mine), seconds(other))
            row(f"5,000 {what} of 50 connections through `smelt-egress` / `tinyproxy`", ours, peer, "≤ 1 ×")
    finally:
        for one in started:
            one.terminate()
            one.wait()

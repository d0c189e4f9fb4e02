"""forward.py SOCKET: an engine's socket at a port of the loopback, which it prints, until it is ended."""
import socket, sys, threading


def carry(here, there):
    try:
        while data := here.recv(65536): there.sendall(data)
    except OSError: pass
    try: there.shutdown(socket.SHUT_WR)
    except OSError: pass


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print(listener.getsockname()[1], flush=True)
while True:
    here, _ = listener.accept()
    there = socket.socket(socket.AF_UNIX)
    there.connect(sys.argv[1])
    for pair in ((here, there), (there, here)): threading.Thread(target=carry, args=pair, daemon=True).start()

"""Runs a command with a secret in a file, and looks for the secret from outside: secret-outside.py PROGRAM DIRECTORY HOW PREFIX..."""
import os, pathlib, secrets, subprocess, sys

program, here, how, *prefix = sys.argv[1:]
# An emulated machine takes its time.
slow = "9" if "SMELT_EMULATED" in os.environ else ""
secret = "hunter2-" + secrets.token_hex(12)
state = pathlib.Path(here) / f"state-{how}"
events = pathlib.Path(here) / f"events-{how}"
variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SMELT_STATE_DIR": str(state)}
passed = ()
if how == "env":
    variables["API_KEY"] = secret
    source = "env:API_KEY"
elif how == "file":
    path = pathlib.Path(here) / "key"
    path.write_text(secret)
    if prefix or os.geteuid() == 0: os.chown(path, 65534, 65534)
    source = f"file:{path}"
else:
    reading, writing = os.pipe()
    os.write(writing, secret.encode())
    os.close(writing)
    source, passed = f"fd:{reading}", (reading,)

inside = r"""
read -r pattern </run/secrets/key
echo ready
read -r _
for file in /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/self/mountinfo; do
    if tr '\0' '\n' <"$file" 2>/dev/null | grep -qF "$pattern"; then echo "it is in $file"; exit 1; fi
done
if ls -l /proc/self/fd | grep -q memfd; then echo "the caller's descriptor is inside"; exit 1; fi
"""
# The search has the pattern from its standard input, not its arguments.
inside = inside.replace('grep -qF "$pattern"', "grep -qFf /run/secrets/key")
child = subprocess.Popen(
    prefix + [program, "--timeout", f"{slow}60s", "--events", f"{events}", "--secret", f"key={source}", "--", "sh", "-c", inside],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=variables, cwd=here, pass_fds=passed)
line = child.stdout.readline()
if line != b"ready\n":
    print(line.decode(errors="replace") + child.communicate()[0].decode(errors="replace"))
    sys.exit(1)

faults = []
pattern = secret.encode()
for name in ("environ", "cmdline"):
    if pattern in pathlib.Path(f"/proc/{child.pid}/{name}").read_bytes(): faults.append(f"smelt-exec has it in its {name}")
with open(f"/proc/{child.pid}/maps") as maps, open(f"/proc/{child.pid}/mem", "rb", 0) as memory:
    for area in maps:
        low, high = (int(number, 16) for number in area.split()[0].split("-"))
        if not area.split()[1].startswith("r") or "[v" in area: continue
        try:
            memory.seek(low)
            if pattern in memory.read(high - low): faults.append(f"smelt-exec has it in its memory: {area.strip()}")
        except (OSError, ValueError): continue
out = child.communicate(b"go on\n")[0].decode(errors="replace")
if child.returncode != 0: faults.append(f"{child.returncode}: {out}")
for path in [events, *state.rglob("*")]:
    if path.is_file() and pattern in path.read_bytes(): faults.append(f"it is in {path}")
print("\n".join(faults))
sys.exit(bool(faults))

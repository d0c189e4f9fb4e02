"""Runs a command with a broker and looks for the secret in everything of its sandbox, from outside and from inside."""
import os, pathlib, secrets, subprocess, sys

program, tls, authority, here, how, *prefix = sys.argv[1:]
# An emulated machine takes its time.
slow = "9" if "SMELT_EMULATED" in os.environ else ""
# Put together at run time, so that this file is not where it is found.
secret = "hunter2-" + secrets.token_hex(12)
variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
if how == "env":
    variables["API_KEY"] = secret
    source = "env:API_KEY"
else:
    path = pathlib.Path(here) / "key"
    path.write_text(secret + "\n")
    if prefix: os.chown(path, 65534, 65534)
    os.chmod(path, 0o600)
    source = f"file:{path}"

inside = r"""
curl -s -H 'Authorization: mine' "$API_URL/fields" >/tmp/fields
grep -q '^Authorization: Bearer [*]*$' /tmp/fields || { echo "the answer: $(cat /tmp/fields)"; exit 1; }
curl -s -H 'Connection: Authorization' -H 'Authorization : mine' "$API_URL/fields" >>/tmp/fields
curl -si "$API_URL/moved/far" >>/tmp/fields
curl -si "$API_URL/moved/near" | grep -q "^Location: $API_URL/there" || { echo "a place of the upstream's is not found from inside"; exit 1; }
for path in /../outside /%2e%2e/outside '/..;/outside' /x/..%2f..%2foutside '/\..\outside'; do
    curl -s --path-as-is "$API_URL$path" >>/tmp/fields
done
curl -s -X TRACE "$API_URL/fields" >>/tmp/fields
curl -s --max-time 20 "$API_URL/stream" -N | while read -r line; do
    case $line in data*) curl -s "$API_URL/acknowledge"; echo "$line" ;; esac
done >/tmp/events
[ "$(wc -l </tmp/events)" = 5 ] || { echo "the answers do not pass as they come: $(cat /tmp/events)"; exit 1; }
env >/tmp/environment
echo ready
read -r pattern
if grep -rqF "$pattern" / --exclude-dir=sys --exclude-dir=usr --exclude-dir=proc 2>/dev/null; then echo "it is in a file"; exit 1; fi
for file in /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/self/mountinfo; do
    # The search itself has it by now, in its memory and nowhere else.
    if grep -qF "$pattern" "$file" 2>/dev/null; then echo "it is in $file"; exit 1; fi
done
grep -q '^API_URL=http://127.0.0.1:' /tmp/environment
"""
child = subprocess.Popen(
    prefix + [program, "--timeout", f"{slow}120s", "--broker-ca", authority, "--broker",
              f"API_URL=https://127.0.0.1:{tls}/api Authorization:Bearer {source}", "--", "sh", "-c", inside],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=variables, cwd=here)
line = child.stdout.readline()
if line != b"ready\n":
    print(line.decode(errors="replace") + child.communicate()[0].decode(errors="replace"))
    sys.exit(1)


def parent(pid): return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
def space(pid): return os.readlink(f"/proc/{pid}/ns/pid")


def processes():
    """Of the sandbox, its first one included."""
    mine, found = space("self"), []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            above = int(name)
            while above > 1 and above != child.pid: above = parent(above)
            if above == child.pid and space(name) != mine: found.append(int(name))
        except (OSError, ValueError): continue
    return found


def memory(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for area in maps:
            span, rights = area.split()[:2]
            start, end = (int(word, 16) for word in span.split("-"))
            if "r" not in rights or "[v" in area: continue
            try:
                mem.seek(start)
                yield mem.read(end - start)
            except (OSError, ValueError): continue


bad, seen = [], 0
needle = secret.encode()
if os.geteuid() == 0:
    for pid in processes():
        seen += 1
        if any(needle in piece for piece in memory(pid)): bad.append(f"in the memory of {pid}, {pathlib.Path(f'/proc/{pid}/comm').read_text().strip()}")
        if needle in pathlib.Path(f"/proc/{pid}/environ").read_bytes(): bad.append(f"in the environment of {pid}")
    if seen < 2: bad.append(f"only {seen} processes were found")
    # The one that started it has wiped it, too; and nobody has it on a command line.
    if any(needle in piece for piece in memory(child.pid)): bad.append("in the memory of smelt-exec")
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if needle in pathlib.Path(f"/proc/{name}/cmdline").read_bytes(): bad.append(f"on the command line of {name}")
        except OSError: continue
rest = child.communicate(needle + b"\n")[0].decode(errors="replace")
if child.returncode: bad.append(f"status {child.returncode}: {rest}")
if how == "file": os.unlink(pathlib.Path(here) / "key")
print("\n".join(bad))
sys.exit(1 if bad else 0)

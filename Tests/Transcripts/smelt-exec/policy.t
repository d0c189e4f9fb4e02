# A policy says what options say; what is beside it is meant relative to it.
mkdir -p conf/out; chmod 777 conf/out; echo hidden >conf/secret; echo shown >conf/text
cat >conf/p.toml <<'T'
read_only = ["."]
read_write = ["out"]
hide = ["secret"]
hostname = "here"
directory = "out"
env = { A = "one", B = "$HOME" }
T
smelt-exec --policy conf/p.toml -- sh -c 'cat ../text; cat ../secret 2>/dev/null; hostname; echo "$A $B"; echo x >made; touch ../made'; cat conf/out/made
>>>
shown
here
one $HOME
x
>>>2
touch: cannot touch '../made': Read-only file system
---
# The options add to it, and win.
printf 'hostname = "a"\nenv = { A = "1", B = "1" }\n' >p.toml
smelt-exec -p p.toml --hostname b --env B=2 -- sh -c 'hostname; echo $A $B'
>>>
b
1 2
---
# Several go together, and one builds on others.
mkdir base; printf 'hostname = "a"\nenv = { A = "1", B = "1" }\n' >base/a.toml
printf 'extends = ["base/a.toml"]\nenv = { B = "2" }\n' >b.toml
printf 'env = { A = "3" }\n' >c.toml
smelt-exec -p b.toml -p c.toml -- sh -c 'hostname; echo $A $B'
>>>
a
3 2
---
# All that the options say, a policy says: the plan is the same.
mkdir tree tree/bin in out; chmod 777 out; touch key; echo value >value; export TOKEN=x; echo 'c.example' >rules
cat >p.toml <<'T'
read_only = ["in"]
read_write = ["out"]
bind = [{ source = "in", target = "/x", read_only = true }, { source = "out", target = "/y" }]
tmpfs = ["/t", { path = "/u", size = "1M" }]
device = ["/dev/null"]
hide = ["in/h"]
mask = ["out/m"]
no_links = ["in"]
root = "tree"
hostname = "h"
directory = "/x"
env = { A = "b" }
hand_on = ["PATH"]
clear_env = true
timeout = "1m"
idle = 5
grace = 2
stop_signal = "HUP"
limits = { output = "1M" }
rlimits = { core = 0, cpu = "1m", nofile = 99 }
keep_capability = ["net_raw"]
landlock = "none"
seccomp = { deny = ["mkdir"] }
secret = { a = "env:TOKEN", b = "file:value" }
tty = true
best_effort = true
trace_denials = true
[network]
rules = ["rules"]
allow = ["a.example:443"]
resolvers = ["192.0.2.53"]
traffic = "3K"
broker = [{ name = "V", upstream = "https://b.example", header = "X-Key", secret_file = "key", variables = ["V"], ca_file = "key" }]
T
echo 'deny = ["mkdir"]' >calls.toml
smelt-exec --policy p.toml --explain --json -- true >one
smelt-exec -r in -w out -b in:/x:ro -b out:/y --tmpfs /t --tmpfs /u:1M --device /dev/null --hide in/h --mask out/m --no-links in --root tree \
    --hostname h -C /x -e A=b -e PATH --clear-env -t 1m --idle 5 --grace 2 --stop-signal HUP -l output=1M --rlimit core=0 \
    --rlimit cpu=1m --rlimit nofile=99 --keep-capability net_raw --landlock none --seccomp ./calls.toml --secret a=env:TOKEN --secret b=file:value --tty --best-effort --trace-denials \
    --network-rules rules -n allow:a.example:443 --resolver 192.0.2.53 --traffic 3K --broker "V=https://b.example X-Key file:key" \
    --broker-ca key --explain --json -- true >two
cmp one two && wc -l <one
>>>
1
---
# Secrets are read where it says, those of the call before those of the same name, and none of them is in the environment.
mkdir conf; echo from-a-file >conf/value; printf 'secret = { a = "env:TOKEN", b = "file:value", c = "file:value" }\n' >conf/p.toml
TOKEN=from-a-variable smelt-exec -p conf/p.toml --secret c=fd:3 -- sh -c 'cd /run/secrets; for name in *; do echo "$name $(cat $name)"; done; echo ${TOKEN-unset}' 3<<S
from-a-descriptor
S
>>>
a from-a-variable
b from-a-file
c from-a-descriptor
unset
---
# What is not there is a problem of its place in the file.
printf '[secret]\na = "env:NOT_SET"\nb = "file:none"\n' >p.toml; smelt-exec -p p.toml --check; smelt-exec -p p.toml -- true
>>>2
p.toml:2:5: warning: secret.a: the variable 'NOT_SET' is not there now
p.toml:3:5: warning: secret.b: '{T}/none' is not there now
p.toml:2:5: secret.a: 'NOT_SET' is not set or empty
p.toml:3:5: secret.b: could not open '{T}/none': No such file or directory
smelt-exec: could not use 'p.toml' (bad_policy, 65)
>>>= 125
---
# What was refused is told when it says so.
echo 'trace_denials = true' >p.toml; smelt-exec -p p.toml -- busybox mkdir /usr/new
>>>2
mkdir: can't create directory '/usr/new': Read-only file system
smelt-exec: refused once: mkdir /usr/new, Read-only file system
>>>= 1
---
# A task has one, too.
echo 'hostname = "there"' >p.toml
echo '{"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"hostname"}}}},"timeout":10000,"restart":{"type":"never"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},"admission":"queue"}' >task.json
smelt-exec --policy p.toml --task task.json
>>>
there
---
printf 'seccomp = { deny = ["mkdir"], errno = "EACCES" }\n' >p.toml
smelt-exec --policy p.toml -- busybox mkdir /tmp/x
>>>2
mkdir: can't create directory '/tmp/x': Permission denied
>>>= 1
---
# The later of two modes counts, and takes the rules of the earlier with it.
echo 'network = { allow = ["a.example"], traffic = 9 }' >a.toml
smelt-exec -p a.toml --network none --explain --json -- true | jq -c '[.network, .reach.allow]'
smelt-exec -p a.toml --network allow:b.example --explain --json -- true | jq -c '[.network, .reach.allow, .reach.trafficBytes]'
>>>
["none",[]]
["allow",["a.example","b.example"],9]
---
# A policy that lies in what may be written is only read inside, and stays where it is.
mkdir -p work/conf; printf 'read_write = [".."]\n' >work/conf/p.toml; printf 'hostname = "h"\n' >work/conf/q.toml
[ "$(id -u)" != 0 ] || chown -R 65534:65534 work && chmod -R a+rX work; [ "$(id -u)" != 0 ] || chown 0 work/conf/*.toml
sed -i '1i extends = ["q.toml"]' work/conf/p.toml; cd work
for try in 'echo x >>conf/p.toml' 'rm -f conf/q.toml' 'ln -sf /dev/null conf/p.toml' 'cat conf/q.toml' 'touch new' 'mv -f new conf/q.toml' \
    'python3 -c "import os; os.rename(\"conf\", \"away\")" 2>&1 | tail -n 1'; do
    smelt-exec -p conf/p.toml -- sh -c "$try" 2>&1
done
cat conf/*.toml; ls
>>>
sh: 1: cannot create conf/p.toml: {any}
rm: cannot remove 'conf/q.toml': Device or resource busy
ln: failed to create symbolic link 'conf/p.toml': Device or resource busy
hostname = "h"
mv: inter-device move failed: 'new' to 'conf/q.toml'; unable to remove target: Device or resource busy
OSError: [Errno 16] Device or resource busy: 'conf' -> 'away'
extends = ["q.toml"]
read_write = [".."]
hostname = "h"
conf
new
---
# So is what --seccomp and --network-rules name.
mkdir work; [ "$(id -u)" != 0 ] || chown 65534:65534 work; echo 'deny = ["mount"]' >work/c.toml
cd work; smelt-exec -w . --seccomp ./c.toml -- sh -c 'echo >c.toml; rm -f c.toml'; cat c.toml
>>>
deny = ["mount"]
>>>2
sh: 1: cannot create c.toml: {any}
rm: cannot remove 'c.toml': Device or resource busy

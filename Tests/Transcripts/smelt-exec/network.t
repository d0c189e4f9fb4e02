# The list is open for what it names and closed for everything else; what was refused is summed up.
smelt-exec --network 'allow:a.example,*.b.example:443' -- sh -c '
for name in a.example x.b.example localhost b.example; do getent ahostsv4 $name | grep "STREAM ." || echo "no $name"; done
env | grep -i proxy | sort
cat /etc/resolv.conf'
>>>
127.100.0.1     STREAM a.example
127.100.0.2     STREAM x.b.example
127.0.0.1       STREAM localhost
no b.example
HTTPS_PROXY=http://127.0.0.1:3128
NO_PROXY=localhost,127.0.0.1,::1
http_proxy=http://127.0.0.1:3128
https_proxy=http://127.0.0.1:3128
no_proxy=localhost,127.0.0.1,::1
nameserver 127.0.0.1
options timeout:10 attempts:2
>>>2
smelt-exec: refused once: resolve b.example, not in network.allow
---
smelt-exec --network allow:a.example --events ./events -- sh -c 'getent hosts evil.test; getent hosts evil.test'; echo $?
jq -c 'select(.type == "egress" or .type == "denied") | del(.time, .run)' events
>>>
2
{"v":1,"type":"egress","allowed":false,"host":"evil.test","port":53,"reason":"not in network.allow","session":"sh"}
{"v":1,"type":"egress","allowed":false,"host":"evil.test","port":53,"reason":"not in network.allow","session":"sh"}
{"v":1,"type":"denied","count":2,"mechanism":"egress","reason":"not in network.allow","session":"sh","what":"resolve evil.test"}
>>>2
smelt-exec: refused 2 times: resolve evil.test, not in network.allow
---
# Rules from a file.
printf 'a.example   # where packages are\n\nGET+HEAD b.example/pool/\n' >rules
smelt-exec --network-rules rules -- getent hosts b.example
printf 'a.example\nhttp://b.example\n' >rules
smelt-exec --network-rules rules -- true
>>>
127.100.0.1     b.example
>>>2
smelt-exec: rules:2: 'http://b.example' is no rule: write [METHOD ]HOST[:PORT][/PATH] (network_rule, 65)
>>>= 125
---
# With --clear-env nothing is set; with --env the caller's own stays.
smelt-exec --network allow:a.example --clear-env -- /usr/bin/env
smelt-exec --network allow:a.example --env http_proxy=mine -- sh -c 'echo $http_proxy $https_proxy'
>>>
mine http://127.0.0.1:3128
---
smelt-exec --network allow:a.example:3128,a.example:53 -- sh -c 'echo $http_proxy'
>>>
http://127.0.0.1:3129
---
# What cannot be done is told before the command runs.
smelt-exec --network allow:a.example --resolver ns.example -- echo ran
smelt-exec --network none --traffic 5M -- echo ran
smelt-exec --broker 'A=https://a.example H env:NO_SUCH_KEY' -- echo ran
SHORT=abc smelt-exec --broker 'A=https://a.example H env:SHORT' -- echo ran
KEY=12345678 smelt-exec --broker 'A=https://a.example H env:KEY' --broker-ca /etc/passwd -- echo ran
smelt-exec --broker 'A=https://a.example H file:none' -- echo ran
>>>2
smelt-exec: could not use the name servers 'ns.example': each must be an address (no_resolver, 78)
smelt-exec: rules, brokers, --resolver and --traffic have no use without --network allow:… (usage, 64)
usage: smelt-exec [OPTION...] [-- COMMAND [ARGUMENT...]]
smelt-exec: could not get the secret of the broker 'A': 'NO_SUCH_KEY' is not set or empty (no_credential, 78)
smelt-exec: could not read the secret of the broker 'A': it is shorter than 8 bytes (no_credential, 78)
smelt-exec: could not use the certificates in '/etc/passwd': no certificate or crl found (no_certificates, 65)
smelt-exec: could not find 'none': No such file or directory (missing, 66)
>>>= 125
---
# A whole plan has its rules in it.
smelt-exec --plan 3 3<<P
{"command": ["sh", "-c", "getent hosts a.example"], "environment": {"PATH": "/usr/bin"}, "network": "allow",
 "reach": {"mode": "allow", "allow": ["a.example"]}$([ "$(id -u)" = 0 ] && echo ', "hostUser": 1900000000')}
P
>>>
127.100.0.1     a.example
---
smelt-exec --plan 3 3<<P
{"command": ["true"], "network": "allow", "reach": {"mode": "allow", "allow": ["a b c"]}$([ "$(id -u)" = 0 ] && echo ', "hostUser": 1900000000')}
P
>>>2
smelt-exec: could not read the rule 'a b c': write [METHOD ]HOST[:PORT][/PATH], such as registry.example:443 or *.example (network_rule, 65)
>>>= 125
---
# Without its server beside it or in PATH there is no network, and no command.
cp "$BIN/smelt-exec" . && PATH=/usr/bin:/bin ./smelt-exec --network allow:a.example -- echo ran
>>>2
smelt-exec: could not start the network: could not run 'smelt-egress': No such file or directory; smelt-egress belongs beside smelt-exec (no_egress, 69)
>>>= 125

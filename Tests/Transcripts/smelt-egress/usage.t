smelt-egress
>>>2
smelt-egress: say where to listen: --listen 127.0.0.1:3128
usage: smelt-egress [--listen ADDRESS:PORT] [--allow RULE] [--rules FILE] [--resolver ADDRESS[:PORT]] [--connections N] [--traffic SIZE] [--idle DURATION] [--order FD]
>>>= 64
---
smelt-egress --listen localhost:80 2>&1 | head -n 1
smelt-egress --listen 127.0.0.1 2>&1 | head -n 1
smelt-egress --listen 127.0.0.1:0 --allow 'a..b' 2>&1 | head -n 1
smelt-egress --listen 127.0.0.1:0 --connections 0 2>&1 | head -n 1
smelt-egress --order x 2>&1 | head -n 1
smelt-egress a.example 2>&1 | head -n 1
>>>
smelt-egress: --listen needs an address and a port such as 127.0.0.1:3128, 0 for any port, not 'localhost:80'
smelt-egress: --listen needs an address and a port such as 127.0.0.1:3128, 0 for any port, not '127.0.0.1'
smelt-egress: --allow needs [METHOD ]HOST[:PORT][/PATH], such as registry.example:443 or *.example, not 'a..b'
smelt-egress: --connections needs a number from 1 to 65536, not '0'
smelt-egress: --order needs a descriptor, not 'x'
smelt-egress: unexpected 'a.example': rules are given with --allow
---
smelt-egress --listen 192.0.2.1:80
>>>2
smelt-egress: could not listen at '192.0.2.1:80': Cannot assign requested address
>>>= 74
---
printf 'a.example\n*.b.example:x\n' >rules
smelt-egress --listen 127.0.0.1:0 --rules rules
>>>2
smelt-egress: rules:2: '*.b.example:x' is no rule: write [METHOD ]HOST[:PORT][/PATH]
>>>= 65
---
# An order that is none is answered where the one who gave it listens.
echo '{}' | smelt-egress --order 0
>>>
{"failed":{"code":"bad_order","message":"could not read the order: {any}","status":65}}
>>>= 65

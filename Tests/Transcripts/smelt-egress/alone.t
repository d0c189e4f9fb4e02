# A proxy for anybody who may connect: what the list names passes, each decision is a record, TERM ends it.
exec python3 "$TOP/Tests/Network/servers.py" -- sh -c '
mkfifo says
smelt-egress --listen 127.0.0.1:0 --resolver 127.0.0.1:$NAMES --allow "GET web.example:$WEB/ok private" --allow "web.example:$ECHO private" >records 2>says & server=$!
read -r _ _ _ place <says
curl="curl -s --noproxy nobody -x"
$curl $place http://web.example:$WEB/ok/x
$curl $place http://web.example:$WEB/no | sed "s/$WEB/WEB/"
$curl $place -d x http://web.example:$WEB/ok | sed "s/$WEB/WEB/"
$curl $place http://other.example:$WEB/ok | sed "s/$WEB/WEB/"
$curl socks5h://$place http://web.example:$WEB/ok/socks
$curl socks5h://$place http://other.example:$WEB/ok/socks; echo $?
$curl $place -p http://web.example:$WEB/ok/tunnel
$curl $place http://gone.test/
printf "CONNECT web.example:$ECHO HTTP/1.1\r\n\r\n" | timeout 20 python3 -c "
import socket, sys
host, port = sys.argv[1].split(\":\")
s = socket.create_connection((host, int(port)))
s.sendall(sys.stdin.buffer.read())
print(s.recv(100).split(b\"\r\n\")[0].decode())
s.sendall(b\"echoed\")
print(s.recv(100).decode())" $place
kill $server && wait $server; echo $?
jq -c "select(.type == \"egress\") | del(.time, .run, .v, .type, .session)" records | sed -e "s/$WEB/WEB/g" -e "s/$ECHO/ECHO/g"'
>>>
GET /ok/x 
smelt-egress: web.example:WEB: no rule of the host allows GET /no
smelt-egress: web.example:WEB: no rule of the host allows POST /ok
smelt-egress: other.example:WEB: not in network.allow
GET /ok/socks 
97
GET /ok/tunnel 
smelt-egress: gone.test:80: not in network.allow
HTTP/1.1 200 Connection established
echoed
143
{"allowed":true,"host":"web.example","port":WEB,"rule":"GET web.example:WEB/ok private"}
{"allowed":false,"host":"web.example","port":WEB,"reason":"no rule of the host allows GET /no"}
{"allowed":false,"host":"web.example","port":WEB,"reason":"no rule of the host allows POST /ok"}
{"allowed":false,"host":"other.example","port":WEB,"reason":"not in network.allow"}
{"allowed":true,"host":"web.example","port":WEB,"rule":"GET web.example:WEB/ok private"}
{"allowed":false,"host":"other.example","port":WEB,"reason":"not in network.allow"}
{"allowed":true,"host":"web.example","port":WEB,"rule":"GET web.example:WEB/ok private"}
{"allowed":false,"host":"gone.test","port":80,"reason":"not in network.allow"}
{"allowed":true,"host":"web.example","port":ECHO,"rule":"web.example:ECHO private"}

# A whole plan by a descriptor: an overlay whose lower directory belongs to the caller, a file of ours, memory.
mkdir -p lower/sub top/upper top/work && echo below >lower/sub/file && echo gone >lower/old
user=; if [ "$(id -u)" = 0 ]; then user='"hostUser":64999,'; chown -R 64999:64999 top; fi
cat >plan <<P
{"command":["sh","-c","cat /work/sub/file /etc/smelt.conf; echo above >>/work/sub/file; rm /work/old; df --output=size /mem | tail -n 1 | tr -d ' '; stat -c %a:%u /work/sub/file; echo x >/etc/smelt.conf"],
 "environment":{"PATH":"/usr/bin"},"directory":"/work","network":"none","limits":{},"stopSignal":15,"graceSeconds":1,
 "hostname":"box",$user"bestEffort":false,
 "files":[{"overlay":{"lower":["$PWD/lower"],"upper":"$PWD/top/upper","work":"$PWD/top/work","target":"/work"}},
  {"file":{"contents":"ours\n","target":"/etc/smelt.conf","mode":292}},
  {"temporary":{"target":"/mem","sizeBytes":1048576}}]}
P
smelt-exec --plan 5 5<plan; echo $?; cat top/upper/sub/file lower/sub/file lower/old; stat -c %F top/upper/old; chmod -R u+rwx top
>>>
below
ours
1024
644:1000
2
below
above
below
gone
character special file
>>>2
sh: 1: cannot create /etc/smelt.conf: Read-only file system
---
echo '{"command":[1]}' >plan; smelt-exec --plan 5 5<plan 2>&1 | cut -c 1-61
>>>
smelt-exec: could not use the plan: descriptor 5 has no valid
---
smelt-exec --plan 5 5</dev/null -- true 2>/dev/null
>>>= 125
---
# A plan can bring a file by a descriptor, if it is the caller's: none of smelt-exec's own passes for one.
echo shown >given
echo '{"command":["cat","/etc/given"],"files":[{"copied":{"from":4,"target":"/etc/given","mode":292}}]}' >plan
smelt-exec --plan 3 3<plan 4<given
for number in 4 5 6 7 8; do
    sed "s/:4/:$number/" plan | { KEY=0123456789 smelt-exec --broker 'A=https://a.example H env:KEY' --events ./log --plan 3 3<&0 0</dev/null 4<&-; }
done
>>>
shown
>>>2
smelt-exec: could not use descriptor '4': it is not open (refused, 77)
smelt-exec: could not use descriptor '5': it is not open (refused, 77)
smelt-exec: could not use descriptor '6': it is not open (refused, 77)
smelt-exec: could not use descriptor '7': it is not open (refused, 77)
smelt-exec: could not use descriptor '8': it is not open (refused, 77)
>>>= 125

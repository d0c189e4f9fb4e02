# Who begins it lets it go on by a byte, after whatever must be done first.
mkfifo gate; smelt-exec --block-fd 3 -- sh -c 'echo begun; cat; ls /proc/self/fd | tail -n 1' 3<gate <<I >out & echo go >gate; wait; cat out
input
I
>>>
begun
input
3
---
# Or not at all, and then no record says that something failed.
smelt-exec --block-fd 3 --events ./events -- echo begun 3</dev/null; echo $?; wc -c <events
>>>
125
0
>>>2
smelt-exec: did not begin: descriptor '3' was closed before a byte came (refused, 77)
---
echo '{"slot":"a","kind":{"subprocess":{"mode":{"command":{"command":"echo"}}}}}' >task.json; smelt-exec --block-fd 3 --task task.json 3</dev/null; echo $?
>>>
125
>>>2
smelt-exec: did not begin: descriptor '3' was closed before a byte came (refused, 77)
---
mkfifo shut; smelt-exec --block-fd 3 -- echo begun 3<>shut & kill "$!"; { wait "$!"; } 2>/dev/null; echo $?
>>>
143
---
# Also when it listens to signals already, as it does when it opens its policy.
mkfifo shut policy; smelt-exec --policy policy --block-fd 3 --events ./events -- echo begun 3<>shut & : >policy; kill "$!"; wait "$!"; echo $?; grep -o '"status":143' events
>>>
143
"status":143
---
smelt-exec --block-fd 9 -- true
>>>
>>>2
smelt-exec: could not use descriptor '9': it is not open (refused, 77)
>>>= 125
---
smelt-exec --block-fd 2 -- true 2>&1 | head -n 1
>>>
smelt-exec: --block-fd needs a descriptor from 3, not '2' (usage, 64)
---
# Only who waits has it, not also who serves the network meanwhile.
mkfifo held in out; smelt-exec --network allow:example.org --block-fd 3 -- sh -c 'echo begun; read -r end' 3<held <in >out & exec 5>held 4>in 6<out; echo go >&5; read -r word <&6; exec 5>&-; echo "$word"; dd if=/dev/null of=held oflag=nonblock 2>&1; pgrep -c -P "$!" smelt-egress; echo end >&4; wait
>>>
begun
dd: failed to open 'held': No such device or address
1

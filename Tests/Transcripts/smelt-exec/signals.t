# No signal is ignored inside because somebody outside ignores it: not PIPE, as we do, and not what our caller does.
trap '' HUP USR1 QUIT
smelt-exec -- sh -c 'kill -PIPE $$; echo lived'; echo $?
smelt-exec -- grep SigIgn /proc/self/status
>>>
141
SigIgn:	0000000000000000

# What is masked is not there and cannot be made, also where nothing was; afterwards all is as before.
mkdir -p work/.git/hooks work/src && echo key >work/.env && chmod 644 work/.env; [ "$(id -u)" != 0 ] || chown -R 64999:64999 .
smelt-exec --read-write work -C "$PWD/work" --mask work/.env --mask work/.git/hooks --mask work/src/.mcp.json -- sh -c '
    cat .env; ls -A .git/hooks; echo x >src/.mcp.json; mv src other; rm -rf .git; echo made >src/file' 2>&1 | sed 's/^sh: [0-9]*: //'
cat work/.env; find work | sort
>>>
cat: .env: Permission denied
cannot create src/.mcp.json: Read-only file system
mv: cannot move 'src' to 'other': Device or resource busy
rm: cannot remove '.git/hooks': Device or resource busy
key
work
work/.env
work/.git
work/.git/hooks
work/src
work/src/file
---
# Where nobody can make anything there is nothing to mask.
smelt-exec --mask /etc/no/such --mask /usr/none -- sh -c 'test ! -e /etc/no'
---
smelt-exec --tmpfs /room:1M --hostname box -- sh -c 'hostname; df --output=size /room | tail -n 1 | tr -d " "; head -c 2M /dev/zero >/room/file'
>>>
box
1024
>>>2
head: error writing 'standard output': No space left on device
>>>= 1
---
smelt-exec --tmpfs /room:much -- true 2>&1 | head -n 1
>>>
smelt-exec: --tmpfs needs PATH or PATH:SIZE, not '/room:much' (usage, 64)
---
smelt-exec --device /dev/kmsg -- stat -c %F /dev/kmsg
smelt-exec --device /etc/passwd -- true
>>>
character special file
>>>2
smelt-exec: could not let '/etc/passwd' be used: it is no device below '/dev' (bad_plan, 65)
>>>= 125

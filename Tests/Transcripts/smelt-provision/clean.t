# git status inside is clean whatever the repository's attributes convert, and reads no file for it.
. "$TOP/Tests/Transcripts/environment.sh"
cd repo
printf 'a\r\nb\r\n' >crlf.txt
git add crlf.txt
printf '*.txt text eol=crlf\n*.id ident\n*.u16 text working-tree-encoding=UTF-16\nversion export-subst\n*.c filter=evil\n' >.gitattributes
printf '$Id$\n' >x.id
printf 'h\0i\0\n\0' | iconv -f UTF-16LE -t UTF-16 >x.u16
printf '$Format:%%H$\n' >version
echo 'int x;' >x.c
printf 'one\ntwo\n' >lf.txt
printf '#!/bin/sh\n' >tool; chmod +x tool
ln -s file link
mkdir -p 'deep/a b'; echo é >'deep/a b/ünï'
git add . 2>/dev/null && git commit -qm attributes
cd ..
inside 'git status --porcelain; git -c core.fsmonitor=false status --porcelain; strace -f -e trace=openat -o /tmp/s git -c core.fsmonitor=false status --porcelain; grep -c "\"\(x.id\|x.u16\|lf.txt\|crlf.txt\|file\)\"" /tmp/s; readlink link; ls -l tool | cut -c 1-10; od -c lf.txt | head -n 1; cat x.id version; git diff --stat HEAD; date -r file +%Y'
>>>
0
file
-rwxr-xr-x
0000000   o   n   e  \r  \n   t   w   o  \r  \n
$Id: {any} $
$Format:%H$
2001

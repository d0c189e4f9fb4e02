# Where no link is followed one can still be made, read and removed; elsewhere nothing is different.
mkdir -p work/sub && cd work && echo text >file && ln -s file old && chmod -R 777 . && smelt-exec -w . --no-links . -- sh -c '
cat file old; ln -s sub new; readlink new; ls new/; rm old; ln -s /etc/hostname /tmp/x; head -c 0 /tmp/x && echo elsewhere'
>>>
text
sub
elsewhere
>>>2
cat: old: Too many levels of symbolic links
ls: cannot access 'new/': Too many levels of symbolic links
---
# A target of --bind, at the place that it has inside; what lies in it, too.
mkdir -p data/sub && ln -s /etc/passwd data/sub/link && chmod -R 755 . && smelt-exec -b data:/data:ro --no-links /data -C / -- cat /data/sub/link
>>>2
cat: /data/sub/link: Too many levels of symbolic links
>>>= 1
---
mkdir data && smelt-exec -r data --no-links data --explain -- true | grep 'data, no link is'
smelt-exec --no-links /tmp -- true
>>>
    {T}/data{any}read-only {T}/data, no link is followed
>>>2
smelt-exec: could not keep links from being followed in '/tmp': no directory or file of the host is granted there (bad_plan, 65)
>>>= 125

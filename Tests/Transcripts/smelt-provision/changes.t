# git inside sees every kind of change at once, also in other work trees and nested repositories.
. "$TOP/Tests/Transcripts/environment.sh"
cd repo
mkdir -p d/e f g
for name in a d/b d/e/c f/x g/y mode; do echo 1 >$name; done
git add . && git commit -qm more
cd ..
inside 'echo 2 >a; rm -rf d; mkdir d; echo 3 >d/new; rm -r f; echo file >f; chmod +x mode; mv g h; ln -s a link
git status --porcelain
git add -A; git commit -qm all; git status --porcelain
git worktree add -q /tmp/other HEAD; echo 9 >/tmp/other/a; git -C /tmp/other status --porcelain
git -C /tmp/other status --porcelain
git init -q nested; cd nested; echo n >n; git add n; git commit -qm n; echo m >n; git status --porcelain'
>>>
 M a
 D d/b
 D d/e/c
 D f/x
 D g/y
 M mode
?? d/new
?? f
?? h/
?? link
 M a
 M a
 M n
>>>2
smelt-provision: rescued uncollected work as 'refs/smelt/rescued/01k00000000000000000000000/work'

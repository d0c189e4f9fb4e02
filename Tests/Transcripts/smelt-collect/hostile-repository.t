# The session leaves a repository in which nearly every git command would run its programs: nothing
# of them runs on the host, and its honest work arrives.
git init -q project
cd project
echo one >file && git add file && git commit -qm start
cat >../evil <<END
evil=/workspace/.git/evil
printf '#!/bin/sh\ntouch $PWD/../canary; cat\n' >\$evil && chmod +x \$evil
END
cat >>../evil <<'END'
for key in core.fsmonitor core.sshCommand core.pager core.editor core.askPass core.gitProxy \
    diff.external diff.evil.command diff.evil.textconv filter.evil.clean filter.evil.smudge \
    filter.evil.process merge.evil.driver gpg.program credential.helper sequence.editor \
    interactive.diffFilter pager.log uploadpack.packObjectsHook alias.bundle alias.rev-parse; do
    git config "$key" "$evil"
done
git config alias.status "!$evil"
printf '[core]\n\tfsmonitor = %s\n\thooksPath = /workspace/hooks\n' "$evil" >.git/more
git config include.path more
git config extensions.worktreeConfig true
printf '[core]\n\tfsmonitor = %s\n' "$evil" >.git/config.worktree
mkdir -p hooks .git/hooks .git/info
for hook in pre-commit post-commit post-checkout reference-transaction fsmonitor-watchman update \
    pre-receive post-update post-index-change pre-auto-gc; do
    cp $evil hooks/$hook
    cp $evil .git/hooks/$hook
done
echo '* filter=evil diff=evil merge=evil' >.git/info/attributes
echo '* filter=evil diff=evil merge=evil' >.gitattributes
echo "$PWD/../.." >.git/objects/info/alternates 2>/dev/null
echo two >>file
ln -s .git/evil inside
END
cat >../job.toml <<END
[job]
name = "demo"
repo = "project"
base_ref = "main"
[environment]
runtime = "sandbox"
[[session]]
name = "work"
spec = "x"
harness = '''
$(cat ../evil)
'''
timeout = "60s"
[merge]
target = "feature"
END
cd ..
run() {
    smelt-manifest plan job.toml | smelt-provision | smelt-exec | smelt-collect --patch mails |
        smelt-provision release | grep -E '"type":"(failed|result.collected|environment.released)"'
}
run | grep -o '"message".*'
# The link into .git is what it is refused for; without it the rest is harmless.
sed -i '/ln -s/d' job.toml
run | grep -o '"files":[0-9]*\|"review":.*"sessions":[^]]*\|"removed".*'
grep -c '^+two' mails
ls canary
>>>
"message":"refused the link 'inside': its target '.git/evil' leads into '.git'","stage":"collect","status":77}
"files":12
"review":"required","reviewReasons":["'.gitattributes' is protected by '.gitattributes': added"],"sessions":["work"
"removed":true,"rescued":[]}
1
>>>2
smelt-collect: refused the link 'inside': its target '.git/evil' leads into '.git'
ls: cannot access 'canary': No such file or directory
>>>= 2

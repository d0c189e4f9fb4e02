#!/usr/bin/env python3
"""An agent leaves a repository that is a trap for every git that comes near it: on the host none does, and honest work
arrives all the same."""
from hostile import Attack, main

base = ["README", "src/main.c"]
hooks = ("applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit "
         "pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update "
         "reference-transaction push-to-checkout pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman "
         "p4-changelist p4-prepare-changelist p4-post-changelist p4-pre-submit post-index-change")


def _honest(script, files=("honest",), status=0, **more):
    with Attack() as world:
        world.attack(world.job(script, **more), status, delivered=[*base, *files])
        assert world.git("show", "result:honest") == "work\n"


def every_setting_that_runs_something():
    _honest("""
evil='touch %CANARY%; cat'
for key in core.fsmonitor core.sshCommand core.pager core.editor core.askPass core.gitProxy core.alternateRefsCommand \
    diff.external diff.evil.command diff.evil.textconv filter.evil.clean filter.evil.smudge filter.evil.process \
    merge.evil.driver gpg.program gpg.ssh.program gpg.ssh.defaultKeyCommand credential.helper sequence.editor \
    interactive.diffFilter pager.log pager.diff uploadpack.packObjectsHook remote.origin.uploadpack remote.origin.receivepack \
    trailer.x.command trailer.x.cmd difftool.x.cmd mergetool.x.cmd browser.x.cmd man.x.cmd help.browser imap.tunnel \
    sendemail.smtpServer receive.procReceiveRefs; do
    git config "$key" "$evil"
done
for word in bundle rev-parse status diff show add commit log merge-tree update-ref; do git config "alias.$word" "!$evil"; done
git config filter.evil.required true
git config commit.gpgSign true
git config remote.origin.url 'ext::sh -c "touch %CANARY%"'
git config url."ext::sh -c touch% %CANARY%".insteadOf /
git config protocol.allow always
echo '* filter=evil diff=evil merge=evil' > .git/info/attributes
echo work > honest
""")


def settings_by_detours():
    _honest("""
printf '[core]\\n\\tfsmonitor = touch %CANARY%\\n\\thooksPath = /workspace/.git/more\\n' > .git/evil
git config include.path evil
git config --add include.path /workspace/.git/evil
git config includeIf.gitdir:/.path evil
git config includeIf.onbranch:**.path evil
git config extensions.worktreeConfig true
cp .git/evil .git/config.worktree
cp .git/evil ~/.gitconfig
mkdir -p ~/.config/git && cp .git/evil ~/.config/git/config
mkdir .git/more && printf '#!/bin/sh\\ntouch %CANARY%\\n' > .git/more/post-index-change && chmod +x .git/more/*
echo work > honest
""")


def hooks_of_every_name():
    _honest(f"""
mkdir -p .git/hooks
for hook in {hooks}; do
    printf '#!/bin/sh\\ntouch %CANARY%; exit 1\\n' > .git/hooks/$hook
    chmod +x .git/hooks/$hook
done
echo work > honest
""")


def hooks_where_the_host_would_find_them():
    """The overlay's directory on the host, if an agent can learn it."""
    _honest(f"""
upper=$(sed -n 's/.*upperdir=\\([^,]*\\).*/\\1/p' /proc/self/mountinfo | head -n 1)
mkdir -p .git/h
for hook in {hooks}; do printf '#!/bin/sh\\ntouch %CANARY%\\n' > .git/h/$hook; chmod +x .git/h/$hook; done
git config core.hooksPath "${{upper:-/nowhere}}/.git/h"
echo work > honest
""")


def attributes_that_are_committed_need_a_person():
    with Attack() as world:
        world.attack(world.job("git config filter.evil.clean 'touch %CANARY%; cat'; echo '* filter=evil diff=evil merge=evil export-subst' > .gitattributes; echo work > honest"), 77)
        assert world.failures()[-1][0] == "review_missing", world.failures()
        reasons = next(r for r in world.records if r["type"] == "result.collected")["reviewReasons"]
        assert ".gitattributes" in reasons[0], reasons


def a_repository_that_is_something_else():
    """The `.git` of a session is replaced or would keep git waiting: the files that were made arrive all the same."""
    for trick in ("rm -rf .git; echo 'gitdir: /etc' > .git", "rm -rf .git; echo 'gitdir: ../../..' > .git",
                  "rm -rf .git; ln -s /etc .git", "rm -rf .git; ln -s .git .git", "rm -rf .git; ln -s / .git", "rm -rf .git; mkfifo .git",
                  "rm -rf .git; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\".git\")'",
                  "rm -rf .git; mkdir .git", "rm -rf .git; git init -q --bare .git", "rm -rf .git; ln -s /proc/1/root .git",
                  "chmod 000 .git", "rm .git/HEAD; mkfifo .git/HEAD", "rm -f .git/index; mkfifo .git/index",
                  "rm -f .git/config; mkfifo .git/config", "mkfifo .gitignore", "ln -s /dev/zero .git/packed-refs",
                  "mkdir -p .git/info; mkfifo .git/info/exclude", "rm -rf .git/objects; ln -s /etc .git/objects",
                  "rm -rf .git/refs; ln -s /etc .git/refs", "echo garbage > .git/HEAD", "echo garbage > .git/config",
                  "head -c 100000 /dev/urandom > .git/index", "rm -rf .git/objects/*"):
        with Attack() as world:
            manifest = world.job(f"echo work > honest\n{trick}", "echo other > other")
            try:
                world.attack(manifest, 0, delivered=[*base, "honest", "other"])
            except AssertionError as error:
                raise AssertionError(f"{trick}: {error}") from error


def objects_of_the_host_as_alternates():
    with Attack() as world:
        places = [world.project / ".git/objects", world.state / "import.git/objects", world.state / "results.git/objects", "/etc", "../../..", "\\0"]
        lines = "\\n".join(map(str, places))
        world.attack(world.job(f"""
mkdir -p .git/objects/info
printf '{lines}\\n' > .git/objects/info/alternates
echo '/workspace/../x' > .git/objects/info/http-alternates
test -e {world.project} || test -e {world.state}/results.git && echo SEEN
echo work > honest
"""), 0, delivered=[*base, "honest"])
        assert "SEEN" not in world.said(), world.said()


def references_with_odd_names():
    _honest("""
commit=$(git commit-tree -m x HEAD^{tree})
for name in heads/-evil 'heads/$(touch %CANARY%)' 'heads/`id`' 'heads/a;b' heads/HEAD heads/refs/heads/main tags/--upload-pack heads/smelt/s0x heads/smelt/s1 smelt/results/x \
    remotes/origin/HEAD heads/@ replace/x; do
    mkdir -p ".git/refs/$(dirname "$name")"; echo $commit > ".git/refs/$name"
done
mkdir -p .git/refs/heads/smelt; ln -s ../../../../../etc/passwd .git/refs/heads/smelt/link
printf '# pack-refs with: peeled fully-peeled sorted \\n%s refs/heads/../../../x\\n' $commit > .git/packed-refs
rm -f .git/packed-refs
echo work > honest
""")


def a_branch_that_leads_elsewhere():
    for trick in ("printf 'ref: refs/heads/other\\n' > .git/refs/heads/smelt/s0; git update-ref refs/heads/other $(git commit-tree -m x -p {base} HEAD^{tree})",
                  "ln -sf /etc/passwd .git/refs/heads/smelt/s0", "rm .git/refs/heads/smelt/s0; mkdir -p .git/refs/heads/smelt/s0/deep",
                  "git checkout -q --orphan lonely && git commit -qm lonely", "git update-ref -d refs/heads/smelt/s0",
                  "git checkout -q --detach && git commit -qm x --allow-empty", "git checkout -q -b smelt/other"):
        with Attack() as world:
            head = world.sh("git", "rev-parse", "main", cwd=world.project).strip()
            try:
                world.attack(world.job(trick.replace("{base}", head) + "\necho work > honest"), 0, delivered=[*base, "honest"])
            except AssertionError as error:
                raise AssertionError(f"{trick}: {error}") from error


def an_index_that_hides_changes():
    """What the gate sees and what is delivered is the commit, and nothing else."""
    for more in ("", "git config core.worktree /tmp", "git config core.bare true"):
        with Attack() as world:
            world.attack(world.job(f"""
git update-index --skip-worktree README
git update-index --assume-unchanged src/main.c
echo evil > README; echo evil > src/main.c
git config core.sparseCheckout true; printf '/src\\n' > .git/info/sparse-checkout
git config core.ignoreStat true; git config core.untrackedCache true
{more}
echo work > honest
""", harness="cat README src/main.c honest"), 0, delivered=[*base, "honest"])
            assert world.said() == "".join(world.git("show", f"result:{path}") for path in (*base, "honest")), world.said()


def what_replaces_and_grafts_show():
    """The gate judges what is delivered, however the agent's git is told to see it."""
    with Attack() as world:
        world.attack(world.job("""
echo evil > honest; git add .; git commit -qm evil; bad=$(git rev-parse HEAD:honest)
git replace $bad $(echo work | git hash-object -w --stdin)
git replace --graft HEAD
""", harness="grep work honest"), 2, delivered=[*base, "honest"])
        assert world.git("show", "result:honest") == "evil\n" and world.ending()["ending"] == "gate_failed"
    for file in ("info/grafts", "shallow"):
        with Attack() as world:
            world.attack(world.job(f"""
echo work > honest; git add .; git commit -qm one
mkdir -p .git/info; git rev-parse HEAD > .git/{file}
"""), 0, delivered=[*base, "honest"])


def what_never_ends_to_read():
    """Pipes that git's configuration leads to, by itself and by detours."""
    for trap in ("git config include.path /workspace/pipe", "git config core.attributesFile /workspace/pipe", "git config core.excludesFile /workspace/pipe",
                 "mkdir -p more/info .git/objects/info; mkfifo more/info/alternates; echo /workspace/more >> .git/objects/info/alternates",
                 "mkdir deep; mkfifo deep/.gitignore deep/.gitattributes"):
        _honest(f"mkfifo pipe; {trap}; echo work > honest")


def an_index_that_is_spoilt():
    """The commits stay, and what was left besides them comes on top."""
    with Attack() as world:
        world.attack(world.job("echo one > one; git add one; git commit -qm one; echo work > honest; head -c 1000 /dev/urandom > .git/index"), 0,
                     delivered=[*base, "one", "honest"])
        assert world.git("log", "--format=%s", "main..result").split("\n")[-2] == "one", world.git("log", "--format=%s", "result")


def a_promisor_that_is_a_command():
    _honest("""
git config extensions.partialClone evil
git config remote.evil.promisor true
git config remote.evil.url 'ext::sh -c "touch %CANARY%"'
git config protocol.ext.allow always
echo work > honest
""")


main(globals())

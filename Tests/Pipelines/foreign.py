#!/usr/bin/env python3
"""A project that is not ours: the source package of GNU ed, with its build and its test-suite, worked on
by a shell in three sessions, of which the third starts from the other two and fails its gate."""
import json, os, pathlib, shutil, subprocess, sys, tempfile
from pipeline import World, check, sh, top

package = "ed"


def source():
    """The unpacked source package, by apt's own means in directories of our own: the machine's sources and
    lists stay as they are. Kept in .build, where we may write there."""
    kept = top / ".build" / "foreign" / package
    if kept.is_dir():
        return kept
    place = pathlib.Path(tempfile.mkdtemp(prefix="smelt-foreign-"))
    try:
        for directory in ("lists/partial", "cache/archives/partial", "source"):
            (place / directory).mkdir(parents=True)
        listed = sh("apt-get", "indextargets", "Created-By: Packages", "Origin: Debian", "Component: main",
                    "--format", "$(REPO_URI) $(RELEASE)").splitlines()
        assert listed, "apt has no sources of Debian's"
        keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
        signed = f"[signed-by={keys}] " if os.path.exists(keys) else ""
        (place / "sources.list").write_text(f"deb-src {signed}{listed[0]} main\n")
        settings = [f"Dir::Etc::SourceList={place}/sources.list", "Dir::Etc::SourceParts=/dev/null",
                    f"Dir::State::Lists={place}/lists", f"Dir::Cache={place}/cache"]
        if os.getuid() == 0:
            settings.append("APT::Sandbox::User=root")
        apt = ["apt-get", "-qq", *[word for setting in settings for word in ("-o", setting)]]
        subprocess.run([*apt, "update"], check=True, capture_output=True, text=True, timeout=300)
        subprocess.run([*apt, "source", package], check=True, capture_output=True, text=True, timeout=300,
                       cwd=place / "source")
        unpacked = next(path for path in (place / "source").iterdir() if path.is_dir())
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(unpacked, kept)
            return kept
        except OSError:
            mine = pathlib.Path(tempfile.mkdtemp(prefix="smelt-foreign-"))
            shutil.move(unpacked, mine / package)
            return mine / package
    finally:
        shutil.rmtree(place)


def found():
    try:
        return source()
    except (OSError, AssertionError, StopIteration, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        print(f"the source package '{package}' could not be had: {reason}")
        sys.exit(1 if os.environ.get("SMELT_MUST") else 77)


# A new command for ed that counts the lines of the buffer; a test of one that is there already; and then, from
# both, the documentation and a test of the new command that expects the wrong thing.
job = r"""
[job]
name = "foreign"
repo = "project"
base_ref = "main"

[agent]
command = ["sh", "-eu"]
prompt = "stdin"

[commit]
name = "A. Gent"
email = "agent@example.org"
trailers = ["Reviewed-by: nobody yet"]

[[session]]
name = "count"
spec = '''
git apply <<'END'
--- a/main_loop.c
+++ b/main_loop.c
@@ -659,4 +659,8 @@
               break;
+    case ':': if( unexpected_address( addr_cnt ) ||
+                  !get_command_suffix( ibufpp, &pflags ) ) return ERR;
+              printf( "%d\n", last_addr() );
+              break;
     case '=': if( !get_command_suffix( ibufpp, &pflags ) ) return ERR;
               printf( "%d\n", addr_cnt ? second_addr : last_addr() );
               break;
END
./configure >/dev/null && make -s CFLAGS=-O0
test "$(printf ':\nq\n' | ./ed -s testsuite/test.txt)" = "$(wc -l < testsuite/test.txt)"
git add main_loop.c
git commit -qm 'Count the lines with :'
printf '%s\n' "$(date +%Y-%m-%d)  A. Gent  <agent@example.org>" '' '	* main_loop.c: New command :.' '' > new
cat ChangeLog >> new && mv new ChangeLog
'''
harness = "./configure >/dev/null && make -s CFLAGS=-O0 && make -s check"
timeout = "10m"

[[session]]
name = "join"
spec = '''
printf '%s\n' 1,2j w\ out.o > testsuite/j2.ed
{ head -n 2 testsuite/test.txt | tr -d '\n'; echo; tail -n +3 testsuite/test.txt; } > testsuite/j2.r
git add testsuite
git -c user.name=Somebody -c user.email=else@example.org commit -qm 'Test joining two lines'
'''
harness = "./configure >/dev/null && make -s CFLAGS=-O0 && make -s check"
timeout = "10m"

[[session]]
name = "document"
spec = '''
test -s testsuite/j2.r && grep -q "case ':'" main_loop.c
sed -i "1,/^$/ s/^$/\nThe new command ':' prints the number of lines in the buffer.\n/" NEWS
git commit -qam 'Announce the command'
printf '%s\n' ':' w\ out.o > testsuite/count.ed
echo wrong > testsuite/count.r
'''
harness = "./configure >/dev/null && make -s CFLAGS=-O0 && make -s check"
timeout = "10m"
depends_on = ["count", "join"]

[merge]
target = "improved"

[forge]
provider = "local"
repo = "forge.git"
labels = ["agents"]
"""


def a_real_project_becomes_a_draft_with_exactly_the_work():
    unpacked = found()
    with World() as world:
        project = world.home / "project"
        shutil.copytree(unpacked, project, symlinks=True)
        (project / ".gitignore").write_text("*.o\n/ed\n/red\n/Makefile\n/config.status\n/tmp/\n")
        world.sh("git", "init", "-q", str(project))
        world.sh("git", "add", "-A", "-f", cwd=project)
        world.sh("git", "commit", "-qm", "Import", cwd=project)
        world.sh("git", "clone", "-q", "--bare", str(project), "forge.git")
        before = (world.sh("git", "status", "--porcelain", cwd=project), world.sh("git", "config", "--list", "--local", cwd=project))
        status, records, errors = world.run(world.manifest(job))
        printed = "".join(r.get("text", "") for r in records if r["type"] == "output")
        assert status == 2, f"status {status}\n{errors}{printed}"
        of = lambda kind: [r for r in records if r["type"] == kind]
        assert not of("failed") and not errors.strip(), (of("failed"), errors)

        endings = {r["session"]: r["ending"] for r in of("session.finished")}
        assert endings == {"count": "succeeded", "join": "succeeded", "document": "gate_failed"}, endings
        said = "".join(r.get("text", "") for r in of("output") if r["session"] == "document")
        assert "count.o of script" in said and "tests failed" in said, said
        gates = {r["session"]: (r["ok"], r["status"]) for r in of("gate.finished")}
        assert gates == {"count": (True, 0), "join": (True, 0), "document": (False, 2)}, gates

        git = lambda *words: world.sh("git", "--git-dir", str(world.home / "forge.git"), *words)
        base = world.sh("git", "rev-parse", "main", cwd=project).strip()
        commits = [line.split("|") for line in git(
            "log", "--reverse", "--topo-order", "--format=%s|%an <%ae>|%p", "main..improved").splitlines()]
        agent = "A. Gent <agent@example.org>"
        told = sorted((subject, author) for subject, author, _ in commits)
        assert told == sorted([
            ("Count the lines with :", agent), ("smelt: uncommitted work of count", agent),
            ("Test joining two lines", "Somebody <else@example.org>"),
            ("Merge session 'join' of 'foreign'", agent),
            ("Announce the command", agent), ("smelt: uncommitted work of document", agent)]), told
        # A chain of two on the base, another of one, their merge, and two more on it.
        assert git("merge-base", "main", "improved").strip() == base
        assert [subject for subject, *_ in commits[-2:]] == ["Announce the command", "smelt: uncommitted work of document"]
        merge = next(c for c in commits if c[0].startswith("Merge"))
        assert len(merge[2].split()) == 2 and all(len(c[2].split()) == 1 for c in commits if c is not merge)
        assert "Reviewed-by: nobody yet" in git("log", "-1", "--format=%B", "improved")
        assert "Run: " in git("log", "--merges", "-1", "--format=%B", "improved")

        # Exactly the files that were worked on; what was built is in no commit, and no other mode has changed.
        changed = git("diff", "--raw", "--no-renames", "main", "improved").splitlines()
        assert {(line.split()[4], line.split("\t")[1]) for line in changed} == {
            ("M", "ChangeLog"), ("M", "NEWS"), ("M", "main_loop.c"), ("A", "testsuite/count.ed"),
            ("A", "testsuite/count.r"), ("A", "testsuite/j2.ed"), ("A", "testsuite/j2.r")}, changed
        assert all(line.split()[1] == "100644" for line in changed), changed
        assert git("rev-parse", "improved:testsuite/test.bin") == git("rev-parse", "main:testsuite/test.bin")
        assert git("show", "improved:testsuite/j2.r").startswith("This natural inequality")
        world.sh("git", "--git-dir", str(world.home / "forge.git"), "fsck", "--strict", "--no-progress")

        # The user's own repository has the branch, and nothing else has moved there.
        assert world.sh("git", "rev-parse", "improved", cwd=project) == git("rev-parse", "improved")
        assert world.sh("git", "branch", "--format=%(refname:short)", cwd=project).split() == ["improved", "main"]
        assert world.sh("git", "symbolic-ref", "--short", "HEAD", cwd=project).strip() == "main"
        assert (world.sh("git", "status", "--porcelain", cwd=project), world.sh("git", "config", "--list", "--local", cwd=project)) == before

        # The pull request tells it all.
        opened = of("pull_request.opened")[0]
        assert opened["draft"] and opened["base"] == "main" and opened["head"] == "improved", opened
        request = json.loads(world.sh("smelt-pr", "show", "--json", "-C", "forge.git", "1"))
        assert request["draft"] and request["state"] == "open" and request["labels"] == ["agents"], request
        body = request["body"]
        for line in ("| session | ended | gate | time |", "| `count` | succeeded | passed: ", "| `join` | succeeded | passed: ",
                     "| `document` | gate_failed | **failed** (2): ", "6 commits, 7 files, ", "| `main_loop.c` | +4 | -0 |",
                     "| `testsuite/j2.ed` | +2 | -0 |", "- `count`\n- `document`\n", records[0]["run"]):
            assert line in body, f"no {line!r} in\n{body}"
        stat = git("diff", "--shortstat", "main", "improved").replace(",", "").split()
        assert f"6 commits, {stat[0]} files, +{stat[3]} -" in body, (stat, body)

        log = world.home / f".smelt/runs/foreign/{records[0]['run']}.jsonl"
        assert [json.loads(line) for line in log.read_text().splitlines()] == records
        world.sh("smelt-runs", "verify", records[0]["run"])
        assert of("environment.released")[0]["removed"] and not of("environment.released")[0]["rescued"], of("environment.released")
        assert world.left() == ([], [], []), world.left()

        # A second run moves nothing that is not to be moved: what it delivers replaces its own.
        world.run(world.home / "job.toml", check=2)
        requests = world.sh("smelt-pr", "list", "--json", "-C", "forge.git").splitlines()
        assert len(requests) == 1, requests
        assert world.left() == ([], [], []), world.left()


check([a_real_project_becomes_a_draft_with_exactly_the_work])

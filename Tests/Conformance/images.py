"""images.py: images that are not there, lack something, or bring something along."""
import contextlib, json, os, shutil, signal, subprocess
from runtime import Pipe, check, of, printed, stages


def with_image(place, name, more="pull = 'never'"):
    place.runtime.image = name
    text = place.job([("one", "true")]).read_text()
    status, records, said = place.run(place.manifest(text.replace(f"image = '{name}'", f"image = '{name}'\n{more}")))
    return status, of(records, "failed"), said


def an_image_that_is_not_there(place):
    status, failed, _ = with_image(place, "smelt-no-such-image:nowhere")
    assert status == 69 and failed[0]["code"] == "engine", (status, failed)
    assert "smelt-no-such-image:nowhere" in failed[0]["message"] and "o such image" in failed[0]["message"], failed


def a_registry_that_does_not_answer(place):
    """Its words, or the engine's about it, are passed on."""
    status, failed, _ = with_image(place, "127.0.0.1:9/nobody/there:1", "pull = 'always'")
    assert status == 69 and "pull" in failed[0]["message"] and "refused" in failed[0]["message"], (status, failed)


def an_image_without_git(place):
    with Image(place, without=["git"]):
        status, failed, _ = with_image(place, place.runtime.image)
        assert status == 69 and "it has no 'git'" in failed[0]["message"], (status, failed)


class Image:
    """A copy of the image for tests: without programs, with another in place of the first, or with other settings."""

    def __init__(self, place, without=(), instead=None, changes=()):
        self.place, self.name = place, f"{place.home.name.lower().replace('_', '-').strip('-')}:own"
        self.container = place.sh("docker", "create", place.runtime.image, "true").strip()
        tree = place.home / "image.tar"
        try:
            if without:
                place.sh("docker", "export", "-o", str(tree), self.container)
                files = place.sh("tar", "-tf", str(tree)).split()
                found = [[file for file in files if f"/{file}".endswith(f"/bin/{name}")] for name in without]
                place.sh("tar", "--delete", "-f", str(tree), *(file for some in found for file in some))
                if instead: place.sh("tar", "-P", f"--transform=s|.*|{found[0][0]}|", "--owner=0", "--group=0", "-rf", str(tree), str(instead))
                place.sh("docker", "import", str(tree), self.name)
            else:
                place.sh("docker", "commit", *(word for change in changes for word in ("--change", change)), self.container, self.name)
        finally:
            place.sh("docker", "rm", "-f", self.container)

    def __enter__(self):
        self.place.runtime.image, self.before = self.name, self.place.runtime.image

    def __exit__(self, *_):
        self.place.runtime.image = self.before
        self.place.sh("docker", "rmi", "-f", self.name)


@contextlib.contextmanager
def starts(place, since):
    """The names of containers as they start, from a moment on, for a minute."""
    events = subprocess.Popen(["timeout", "60", "docker", "events", "--since", since, "--filter", "event=start", "--format",
                               "{{.Actor.Attributes.name}}"], stdout=subprocess.PIPE, env=place.environment, text=True)
    try:
        yield events.stdout
    finally:
        # Passed on to what it runs.
        events.terminate()
        events.wait()
        events.stdout.close()


def an_image_without_timeout(place):
    """Has all that the page asks for: no commit of an agent's is lost for want of more."""
    # A shell that has no such command built in.
    with Image(place, without=["sh", "timeout"], instead=os.path.realpath(shutil.which("dash"))):
        agent = "! command -v timeout && for n in 1 2 3; do git commit -q --allow-empty -m step$n; done; echo more > file"
        records = place.records(place.job([("one", agent)]))
        commit = of(records, "result.collected")[0]["commit"]
        said = place.sh("git", f"--git-dir={place.state}/results.git", "log", "--format=%s", commit).split("\n")
        assert [line for line in said if line.startswith("step")] == ["step3", "step2", "step1"], said


def what_an_image_brings_along(place):
    """Its volumes are no place to write, and nothing of its own runs beside the session."""
    changes = ["VOLUME /data /run", "HEALTHCHECK --interval=1s CMD true"]
    with Image(place, changes=changes):
        now = place.sh("date", "+%s.%N").strip()
        agent = "for d in /data /run; do touch $d/x 2>&1 && echo wrote $d; done; echo begun; tail -f /dev/null"
        pipe = Pipe(place, place.planned(place.job([("one", agent)], more="[limits]\ndisk = '8M'\n")), stages[:2] + [stages[3]],
                    output=subprocess.PIPE, errors=place.home / "errors")
        records = []
        for line in pipe.children[-1].stdout:
            records.append(json.loads(line))
            assert records[-1]["type"] != "failed", (records[-1], (place.home / "errors").read_text())
            if "begun" in records[-1].get("text", ""): break
        # The session's container, and the one beside it that looks at its disk.
        with starts(place, now) as names:
            for _ in range(2): next(name for name in names if records[0]["run"] in name)
        found = json.loads(place.sh("docker", "inspect", *place.on_engine()))
        pipe.kill(1, signal.SIGTERM)
        for _ in pipe.children[-1].stdout: pass
        pipe.wait()
        said = printed(records, "one")
        assert b"wrote" not in said and said.endswith(b"begun\n"), (records[-1], said)
        assert len(found) == 2 and all(one["Config"]["Healthcheck"]["Test"] == ["NONE"] for one in found), found


def a_trial_that_does_not_end(place):
    """Of an image whose shell waits for ever: gc finds it."""
    (place.home / "wait.c").write_text("#include <unistd.h>\nint main(void) { for (;;) pause(); }\n")
    place.sh("gcc", "-static", "-o", "waits", "wait.c")
    with Image(place, without=["sh"], instead=place.home / "waits"):
        now = place.sh("date", "+%s.%N").strip()
        pipe = Pipe(place, place.planned(place.job([("one", "true")])), stages[:1], errors=place.home / "errors")
        with starts(place, now) as names: next(name for name in names if name.startswith("smelt-trial-"))
        pipe.kill(None)
        pipe.wait()
        owner = (place.state / "engines" / "owner").read_text()
        mine = ["docker", "ps", "-aq", "--filter", f"label=smelt.owner={owner}"]
        assert place.sh(*mine).split(), "the trial is not there"
        place.sh("smelt-provision", "gc")
        assert not place.sh(*mine).split(), "the trial is left"


check("images", [an_image_that_is_not_there, a_registry_that_does_not_answer, an_image_without_git, an_image_without_timeout, what_an_image_brings_along,
                 a_trial_that_does_not_end])

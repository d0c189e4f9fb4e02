"""examples.py RUNTIME: the manifest of examples/ for that runtime runs as it stands, apart from the names of images. Its image has
what a user's would have, an agent and a project's tools, as small programs that say what they were asked."""
import pathlib, re, subprocess, sys, tempfile
from runtime import Place, Runtime, end, of, printed
from pipeline import top

# What the agent and the tools of the examples are in the image.
agent = """#!/bin/sh
test -n "$ANTHROPIC_API_KEY" || exit 9
cat >"$SMELT_SESSION.txt"
echo "worked on $SMELT_SESSION"
"""
tool = """#!/bin/sh
echo "${0##*/} $*"
"""


def docker(place, records):
    ends = {r["session"]: r["ending"] for r in of(records, "session.finished")}
    assert ends == {"frontend": "succeeded", "backend": "succeeded", "integration": "succeeded"}, ends
    assert b"worked on backend" in printed(records, "backend") and b"npx playwright test" in printed(records, "integration")
    tree = place.sh("git", "ls-tree", "--name-only", "smelt/add-user-auth", cwd=place.home / "project").split()
    assert {"frontend.txt", "backend.txt", "integration.txt"} <= set(tree), tree


def compose(place, records):
    assert end(records, "db-check")["ending"] == "succeeded", records[-4:]
    said = printed(records, "db-check")
    assert b"postgres:5432 - accepting connections" in said and b"npm test" in said, said
    assert "db-check.txt" in place.sh("git", "ls-tree", "--name-only", "db-check", cwd=place.home / "project").split()


# The image of a database is the runtime's own.
examples = {"docker": ("job-manifest.toml", docker), "compose": ("job-manifest-compose.toml", compose)}


def image(place, base):
    """An image of the base's with the programs in it, made without a registry; removed with the place."""
    name = f"smelt-example-{place.home.name.lower().strip('_')}:latest"
    container = place.sh("docker", "create", base, "true").strip()
    try:
        with tempfile.TemporaryDirectory() as files:
            for program, text in (("claude", agent), ("npm", tool), ("npx", tool)):
                path = pathlib.Path(files, program)
                path.write_text(text)
                path.chmod(0o755)
                place.sh("docker", "cp", str(path), f"{container}:/usr/bin/{program}")
        place.sh("docker", "commit", container, name)
    finally:
        place.sh("docker", "rm", "-f", container)
    return name


def main(runtime):
    file, holds = examples[runtime.name]
    text = (top / "examples" / file).read_text()
    with Place(runtime) as place:
        place.environment["ANTHROPIC_API_KEY"] = "an-example-key-0123456789"
        name = image(place, runtime.image)
        try:
            manifest = place.home / "project" / "job.toml"
            text = re.sub(r'(?m)^image = "postgres.*', f"image = '{runtime.image}'", text)
            manifest.write_text(re.sub(r'(?m)^image = ".*', f"image = '{name}'", text))
            status, records, said = place.run(manifest)
            assert status == 0, (status, said, records[-4:])
            holds(place, records)
        finally:
            place.sh("docker", "rmi", "-f", name)
    print(f"{file}: as it stands")


main(Runtime(sys.argv[1]))

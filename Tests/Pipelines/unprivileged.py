#!/usr/bin/env python3
"""A user without any rights has the same: root plays a foreign project, tasks and the attacks once more as nobody, with copies
of the commands, since a checkout need not be readable for others. Anybody else already plays them as themselves."""
import os, pathlib, shutil, subprocess, tempfile
from pipeline import binaries, check, top

nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]


def _as_nobody(place, test):
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(place / "home"), "BIN": str(place / "bin"),
                   "TMPDIR": str(place / "tmp"), "LC_ALL": "C.UTF-8", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1",
                   **{name: os.environ[name] for name in ("SMELT_MUST",) if name in os.environ}}
    done = subprocess.run([*nobody, "/usr/bin/python3", str(place / test)], env=environment, cwd=place / "home",
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, f"{test} ended with {done.returncode}\n{done.stdout}{done.stderr}"


def a_user_without_rights_has_the_same():
    if os.getuid() != 0:
        print("unprivileged.py: this is no root, so every test is played without rights")
        return
    place = pathlib.Path(tempfile.mkdtemp(prefix="smelt-nobody-"))
    try:
        os.chmod(place, 0o755)
        shutil.copytree(top / "Tests" / "Pipelines", place / "Tests" / "Pipelines")
        shutil.copytree(top / "Tests" / "Attacks", place / "Tests" / "Attacks")
        shutil.copytree(top / "bin-scripts", place / "bin-scripts")
        (place / "bin").mkdir()
        for command in binaries.glob("smelt-*"):
            if command.is_file() and os.access(command, os.X_OK):
                shutil.copy2(command, place / "bin")
        if (top / ".build" / "foreign").is_dir():
            shutil.copytree(top / ".build" / "foreign", place / ".build" / "foreign", symlinks=True)
        for directory in ("home", "tmp"):
            (place / directory).mkdir(mode=0o700)
            os.chown(place / directory, 65534, 65534)
        for test in ("Tests/Pipelines/foreign.py", "Tests/Pipelines/task.py", "Tests/Attacks/pipeline-escape.py", "Tests/Attacks/pipeline-text.py",
                     "Tests/Attacks/pipeline-git.py", "Tests/Attacks/pipeline-results.py"):
            _as_nobody(place, test)
        left = list((place / "tmp").iterdir())
        assert not left, left
    finally:
        shutil.rmtree(place)


check([a_user_without_rights_has_the_same])

#!/usr/bin/env python3
"""What an agent writes to be read by people: on a terminal nothing obeys it, and in a pull request nothing comes of it."""
import json, os, pty, re, subprocess
from hostile import Attack, main

controls = "\\033]0;owned\\007\\033[2J\\033[1A\\r\\b\\302\\233"
bidi = "\\342\\200\\256evil\\342\\201\\246\\342\\200\\213"
markup = "@everyone closes #1 fixes GH-2 <img src=https://evil.example/x><script>alert(1)</script> ![x](https://evil.example/y) [a](javascript:x) <!-- smelt:end --> `` ` | x"


def _on_a_terminal(world, *words):
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env={**world.environment, "TERM": "xterm"}, cwd=world.home)
    os.close(follower)
    text = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(leader)
    assert child.wait(timeout=30) == 0, (words, text)
    return text


def _tame(words, shown):
    text = shown.replace(b"\r\n", b"\n").decode()
    # Our own colours are all that may be there.
    rest = re.sub(r"\x1b\[[0-9;]*m", "", text)
    bad = {c for c in rest if (ord(c) < 32 and c not in "\n\t") or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u2066\u200b\u2028"}
    assert not bad, (words, bad, rest[:2000])


def what_people_are_shown_is_text():
    with Attack() as world:
        world.attack(world.job(f"""
printf '{controls}{bidi} printed\\n'; printf '{controls}{bidi} printed\\n' >&2
printf '{controls}{bidi}\\n' > "$(printf 'name{controls}{bidi}')"
mkdir -p .github/workflows; printf '{controls}{bidi}' > .github/workflows/x
git add -A
printf 'subject {controls}{bidi}\\n\\nbody {controls}{bidi}\\n' > /tmp/m
git -c user.name="$(printf 'A {bidi}')" -c i18n.commitEncoding=x commit -qF /tmp/m
"""), 77)
        run = world.records[0]["run"]
        log = next(world.home.glob(f".smelt/runs/hostile/{run}.jsonl"))
        for words in (("smelt-runs", "logs", run), ("smelt-runs", "list", "--human")):
            _tame(words, _on_a_terminal(world, *words))
        assert b"printed" in _on_a_terminal(world, "smelt-runs", "logs", run)
        # The review of the recorded result, asked for and shown.
        lines = [line for line in log.read_bytes().splitlines() if b'"type":"failed"' not in line and b'"type":"run.finished"' not in line]
        asked = subprocess.Popen(["smelt-review"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=world.environment, cwd=world.home)
        asked.stdin.write(b"\n".join(lines) + b"\n")
        asked.stdin.close()
        for line in asked.stdout:
            if json.loads(line)["type"] == "review.requested":
                break
        for words in (("smelt-review", "list"), ("smelt-review", "show", run)):
            _tame(words, _on_a_terminal(world, *words))
        assert b"workflows" in _on_a_terminal(world, "smelt-review", "show", run)
        subprocess.run(["smelt-review", "approve", run], env=world.environment, cwd=world.home, check=True, capture_output=True)
        rest = asked.stdout.read()
        assert asked.wait(timeout=30) == 0
        delivered = subprocess.run(["smelt-pr"], input=b"\n".join(lines) + b"\n" + rest, env=world.environment, cwd=world.home, capture_output=True)
        assert delivered.returncode == 0, delivered.stderr
        for words in (("smelt-pr", "list", "-C", "forge.git"), ("smelt-pr", "show", "-C", "forge.git", "1")):
            _tame(words, _on_a_terminal(world, *words))
        body = json.loads(world.sh("smelt-pr", "show", "--json", "-C", "forge.git", "1"))["body"]
        assert not [c for c in body if ord(c) < 32 and c != "\n" or c in "\u202e\u2066\x9b\x7f"], body


def what_a_forge_would_act_on_is_broken():
    """In names of files and sessions, in messages, in what was printed and what failed."""
    with Attack() as world:
        text = f"[job]\nname = 'hostile'\nrepo = 'project'\nbase_ref = 'main'\n[agent]\ncommand = ['sh']\nprompt = 'stdin'\n" \
            f"[[session]]\nname = 'work'\nspec = '''\ncat > /tmp/m <<'END'\n{markup}\n\n{markup}\nEND\n" \
            f"for name in '@everyone' 'closes #1' '<img src=x onerror=y>' '![x](y)' '<!-- smelt:end -->' 'a`b' 'a|b' '|||' 'GH-2' 'https:' ' ' '-' '[click](x)'; do echo x > \"./$name\"; done\n" \
            f"git add -A; git commit -qF /tmp/m; cat /tmp/m; cat /tmp/m >&2; echo left > left\n'''\n" \
            f"harness = '''echo \"@everyone closes #1 <img src=x> | `\" ; exit 1'''\ntimeout = 60\n" \
            "[merge]\ntarget = 'result'\n[forge]\nprovider = 'local'\nrepo = 'forge.git'\n"
        world.attack(world.manifest(text), 2)
        request = json.loads(world.sh("smelt-pr", "show", "--json", "-C", "forge.git", "1"))
        body = request["body"]
        assert body.count("<!-- smelt:end -->") == 1 and body.count("<!-- smelt:begin -->") == 1, body
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", body.replace("<!-- smelt:begin -->", "").replace("<!-- smelt:end -->", ""))
        assert "<" not in outside and "![" not in outside and "](" not in outside, outside
        # Forges look for these in code, too.
        assert not re.search(r"@\w|#\d|GH-\d|https?:/|!\[", body), body
        # Rows of tables stay rows.
        for row in (line for line in body.splitlines() if line.startswith("| `") and "+1" in line):
            assert len(re.findall(r"(?<!\\)\|", row)) == 4, row


def a_message_of_every_length():
    with Attack() as world:
        world.attack(world.job("for n in $(seq 300); do echo $n > f$n; git add f$n; python3 -c \"print('x' * 3000)\" | git commit -qF -; done"), 0)
        body = json.loads(world.sh("smelt-pr", "show", "--json", "-C", "forge.git", "1"))["body"]
        assert len(body) < 65536 and "300 commits" in body and "and 200 more" in body, body[-500:]


main(globals())

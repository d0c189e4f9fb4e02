#!/usr/bin/env python3
"""A GitHub for tests: server.py ROOT TOKEN [RULE]... | server.py set PORT JSON

Serves the repository o/r: the calls that smelt-pr makes, and pushes to ROOT/o/r.git over HTTP. It prints
its port when it listens. Each request is checked by GitHub's published schema, and so is each answer;
what is wrong goes to ROOT/violations. ROOT/requests has a line for each request.

A rule is "METHOD REGEX ANSWER[*TIMES]": the first TIMES (1) requests that it matches get, instead of the
true answer, a status with headers ("503", "429 retry-after=1"), or one of: slow (never), truncated,
malformed, elsewhere (redirect to another host), moved (redirect within this one), echo (an error that
repeats the token), exists (422 after making the request in secret), undraftable, limited (403, used up
until in a second). TIMES may be "always".
"""
import base64, hashlib, http.server, json, os, pathlib, re, subprocess, sys, threading, time
import urllib.parse, urllib.request

if sys.argv[1] == "set":
    urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}/_set", sys.argv[3].encode()).read()
    sys.exit()

from schema import check_request, example, models

root, token = pathlib.Path(sys.argv[1]), sys.argv[2]
lock = threading.RLock()
over = threading.Event()
rules = []
for text in sys.argv[3:]:
    method, pattern, answer = text.split(" ", 2)
    answer, _, times = answer.partition("*")
    rules.append([method, re.compile(pattern), answer, float("inf") if times == "always" else int(times or 1)])
state = {"pulls": [], "checks": [], "statuses": [], "reviews": [], "labels": {}, "reviewers": {}, "page": 100}
TOP = "/repos/o/r"


def note(name, text):
    with lock, open(root / name, "a") as file:
        file.write(text + "\n")


def pull(number):
    return next((p for p in state["pulls"] if p["number"] == number), None)


def shown(p, model):
    """A stored request as an answer of `model`."""
    simple = model is models.PullRequestSimple
    blank = example(model)
    members = {
        "number": p["number"], "html_url": f"http://127.0.0.1/o/r/pull/{p['number']}",
        "node_id": f"PR_{p['number']}", "title": p["title"], "body": p["body"], "draft": p["draft"],
        "state": "open" if p["state"] == "open" else "closed",
    }
    if not simple:
        members["merged"] = p["state"] == "merged"
    for end in ("head", "base"):
        home = example(models.Repository, full_name=p.get(f"{end}_repo", "o/r"), name="r")
        sha = tip(p["head"]) or "0" * 40
        members[end] = {**blank[end], "ref": p[end], "sha": sha, "label": f"o:{p[end]}", "repo": home,
                        "user": example(models.SimpleUser, login="o")}
    return example(model, **members)


def tip(branch):
    found = subprocess.run(["git", "--git-dir", root / "o/r.git", "rev-parse", "-q", "--verify", f"refs/heads/{branch}"],
                           capture_output=True, text=True)
    return found.stdout.strip()


class Refused(Exception):
    def __init__(self, status, message, errors=None):
        self.status, self.body = status, {"message": message, "documentation_url": "https://docs.github.com"}
        if errors:
            self.body["errors"] = errors


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def seen(self, status):
        """Noted before the answer is on its way, so that the next request cannot be noted first."""
        if self.unseen:
            self.unseen = False
            note("requests", f"{self.command} {self.path} {status}")

    def answer(self, status, body, headers=()):
        self.seen(status)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def handle_one(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        self.unseen = False
        if self.path == "/_set":
            with lock:
                for name, change in json.loads(self.body).items():
                    if name == "pull":
                        state["pulls"][0].update(change)
                    else:
                        state[name] = change
            return self.answer(200, {})
        if self.path.startswith("/o/r.git/"):
            return self.git()
        self.unseen = True
        try:
            self.api()
        except Refused as refused:
            status = refused.status
            try:
                (models.ValidationError if status == 422 else models.BasicError).model_validate(refused.body)
            except Exception as error:
                note("violations", f"answer {status}: {error}")
            self.answer(status, refused.body)
        except BrokenPipeError:
            pass
        except Exception as error:
            note("violations", f"{self.command} {self.path}: {type(error).__name__}: {error}")
            self.answer(500, {"message": "the fake found a mistake"})

    do_GET = do_POST = do_PATCH = do_PUT = handle_one

    def api(self):
        for name, wanted in (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")):
            if self.headers.get(name) != wanted:
                raise ValueError(f"{name} is {self.headers.get(name)!r}")
        if not (self.headers.get("User-Agent") or "").startswith("smelt/"):
            raise ValueError("no User-Agent")
        if self.headers.get("Authorization") != f"Bearer {token}":
            raise Refused(401, "Bad credentials")
        with lock:
            for rule in rules:
                if rule[3] > 0 and rule[0] == self.command and rule[1].search(self.path):
                    rule[3] -= 1
                    break
            else:
                rule = None
        if rule:
            return self.misbehave(rule[2])
        with lock:
            return self.route()

    def misbehave(self, answer):
        if answer != "exists" and answer != "undraftable":
            self.seen(answer)
        word, *headers = answer.split(" ")
        if word == "slow":
            over.wait(60)
            self.close_connection = True
        elif word == "truncated":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'[{"number": 1,')
            self.close_connection = True
        elif word == "malformed":
            self.answer(200, b'[{"number": "no", ')
        elif word == "elsewhere":
            self.answer(301, {"message": "Moved"}, [("Location", "http://localhost:1/stolen")])
        elif word == "moved":
            self.answer(307, {"message": "Moved"}, [("Location", self.path + ("&" if "?" in self.path else "?") + "moved=1")])
        elif word == "echo":
            self.answer(403, {"message": f"no such right for {token} or " + base64.b64encode(f"x-access-token:{token}".encode()).decode()})
        elif word == "limited":
            self.answer(403, {"message": "API rate limit exceeded"},
                        [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(int(time.time()) + 1))])
        elif word == "exists":
            with lock:
                self.create()
            raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for o:feature."}])
        elif word == "undraftable":
            raise Refused(422, "Draft pull requests are not supported in this repository.")
        else:
            self.answer(int(word), {"message": f"answer {word}"}, [tuple(h.split("=", 1)) for h in headers])

    def give(self, body, status=200, headers=()):
        """With an ETag, and 304 for who has it."""
        tag = '"' + hashlib.sha256(json.dumps(body).encode()).hexdigest() + '"'
        if self.command == "GET" and self.headers.get("If-None-Match") == tag:
            self.seen(304)
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        self.answer(status, body, [("ETag", tag), *headers])

    def paged(self, items, wrap=lambda x: x):
        page, size = int(self.query.get("page", "1")), min(int(self.query.get("per_page", "30")), state["page"])
        headers = []
        if page * size < len(items):
            query = urllib.parse.urlencode({**self.query, "page": page + 1})
            where = f"http://{self.headers['Host']}{self.place}?{query}"
            headers.append(("Link", f'<{where}>; rel="next", <{where}>; rel="last"'))
        return self.give(wrap(items[(page - 1) * size:page * size]), headers=headers)

    def read(self, model):
        body = json.loads(self.body)
        check_request(model, body)
        return body

    def route(self):
        parts = urllib.parse.urlsplit(self.path)
        self.place = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query))
        what = (self.command, self.place.removeprefix(TOP))
        if what == ("POST", "/graphql"):
            return self.graphql()
        if not self.place.startswith(TOP):
            raise Refused(404, "Not Found")
        if what == ("GET", ""):
            return self.give(example(models.FullRepository, default_branch="main"))
        if what == ("GET", "/pulls"):
            unknown = set(self.query) - {"state", "head", "base", "per_page", "page", "moved"}
            if unknown:
                raise ValueError(f"unknown parameters {unknown}")
            owner, _, head = self.query.get("head", "").partition(":")
            found = [p for p in state["pulls"] if self.query.get("state", "open") in (p["state"], "all")
                     and (not head or p["head"] == head or p.get("stray"))]
            return self.paged([shown(p, models.PullRequestSimple) for p in found])
        if what == ("POST", "/pulls"):
            return self.give(shown(self.create(), models.PullRequest), 201)
        match = re.fullmatch(r"/(pulls|issues)/(\d+)(/\w+)?", what[1])
        if match and pull(int(match[2])):
            return self.one(match[1], pull(int(match[2])), match[3])
        match = re.fullmatch(r"/commits/(\w{40})/(check-runs|status)", what[1])
        if match and self.command == "GET":
            return self.checks(match[1], match[2])
        raise Refused(404, "Not Found")

    def create(self):
        body = self.read(models.ReposOwnerRepoPullsPostBody)
        if not tip(body["head"]):
            raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "field": "head", "code": "invalid"}])
        if any(p["head"] == body["head"] and p["state"] == "open" for p in state["pulls"]):
            raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for o:feature."}])
        made = {"number": len(state["pulls"]) + 1, "title": body["title"], "body": body["body"], "head": body["head"],
                "base": body["base"], "draft": body.get("draft", False), "state": "open"}
        state["pulls"].append(made)
        (root / "body").write_text(made["body"])
        return made

    def one(self, kind, p, rest):
        number = p["number"]
        if (self.command, kind, rest) == ("GET", "pulls", None):
            return self.give(shown(p, models.PullRequest))
        if (self.command, kind, rest) == ("PATCH", "pulls", None):
            p.update(self.read(models.ReposOwnerRepoPullsPullNumberPatchBody))
            (root / "body").write_text(p["body"])
            return self.give(shown(p, models.PullRequest))
        if (self.command, kind, rest) == ("POST", "issues", "/labels"):
            body = self.read(models.ReposOwnerRepoIssuesIssueNumberLabelsPostBodyOneof0)
            note("decorations", f"labels {' '.join(body['labels'])}")
            return self.give([example(models.Label, name=name) for name in body["labels"]])
        if (self.command, kind, rest) == ("POST", "pulls", "/requested_reviewers"):
            body = self.read(models.ReposOwnerRepoPullsPullNumberRequestedReviewersPostBodyAnyof0)
            note("decorations", f"reviewers {' '.join(body['reviewers'])} teams {' '.join(body['team_reviewers'])}")
            if "nobody" in body["reviewers"]:
                raise Refused(422, "Reviews may only be requested from collaborators.")
            return self.give(shown(p, models.PullRequestSimple), 201)
        if (self.command, kind, rest) == ("GET", "pulls", "/reviews"):
            return self.paged([example(models.PullRequestReview, state=s, user=example(models.SimpleUser, login=u))
                               for u, s in state["reviews"]])
        raise Refused(404, "Not Found")

    def checks(self, sha, kind):
        if kind == "check-runs":
            runs = [example(models.CheckRun, name=n, status=s, conclusion=c, head_sha=sha) for n, s, c in state["checks"]]
            model = models.ReposOwnerRepoCommitsRefCheckRunsGetResponse200
            return self.paged(runs, lambda page: example(model, total_count=len(runs), check_runs=page))
        statuses = [example(models.SimpleCommitStatus, context=n, state=s) for n, s in state["statuses"]]
        return self.paged(statuses, lambda page: example(
            models.CombinedCommitStatus, state="pending", statuses=page, sha=sha, total_count=len(statuses),
            repository=example(models.MinimalRepository, full_name="o/r")))

    def graphql(self):
        body = json.loads(self.body)
        if set(body) != {"query", "variables"} or "convertPullRequestToDraft" not in body["query"]:
            raise ValueError(f"unknown query {body}")
        for p in state["pulls"]:
            if body["variables"] == {"id": f"PR_{p['number']}"}:
                p["draft"] = True
                return self.give({"data": {"convertPullRequestToDraft": {"pullRequest": {"isDraft": True}}}})
        return self.give({"data": None, "errors": [{"message": "Could not resolve to a node"}]})

    def git(self):
        wanted = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            note("requests", f"git {self.command} refused")
            return self.answer(401, b"", [("WWW-Authenticate", 'Basic realm="git"')])
        parts = urllib.parse.urlsplit(self.path)
        variables = {
            **os.environ, "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query, "REQUEST_METHOD": self.command, "REMOTE_USER": "o",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(self.body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        out = subprocess.run(["git", "http-backend"], input=self.body, env=variables, capture_output=True).stdout
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
sys.stdout.close()
server.serve_forever()

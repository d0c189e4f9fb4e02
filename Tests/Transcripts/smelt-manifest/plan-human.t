# The plan for people shows what is missing and never a secret.
cat > job.toml; SECRET=0123456789 smelt-manifest plan --human job.toml
<<<
[job]
name = "hello"
repo = "/r"
base_ref = "main"
[environment]
image = "alpine"
resources = { memory = "512M", cpu = 1.5 }
[agent]
preset = "codex"
[credentials]
provider = "openai"
model = "gpt"
env = { A = "SECRET", B = "NO_SUCH_VARIABLE" }
[network]
allow = ["api.openai.com"]
[[session]]
name = "one"
spec = """
äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü and more
"""
harness = "echo \u001b[31mred"
timeout = "1m30s"
[[session]]
name = "two"
spec = "short"
harness = ""
timeout = 5
depends_on = ["one"]
agent = { command = ["my-agent", "-v"] }
[merge]
target = "out"
order = ["one", "two"]
[forge]
provider = "github"
repo = "o/r"
token_env = "SECRET"
>>>
═══ Execution Plan ═══

Job: hello
Repository: /r
Base ref: main

── Environment ──
  Runtime: docker
  Image: alpine
  Resources:
    cpu: 1.5
    memory: 512 MiB

── Credentials ──
  Provider: openai
  Model: gpt
  A: env:SECRET → resolved
  B: env:NO_SUCH_VARIABLE → MISSING

── Sessions (2) ──
  1. one
     Spec: äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü…
     Agent: codex
     Harness: echo \u{1b}[31mred
     Timeout: 90s
  2. two
     Spec: short
     Agent: my-agent -v
     Harness: 
     Timeout: 5s
     Depends on: one

── Merge ──
  Strategy: sequential
  Target: out
  AI resolution: disabled
  Order: one → two

── Limits ──
  Wall: 24h 0m 0s
  Output: 1 GiB
  Parallel: 4
  Network: allow
    allow: api.openai.com

── Forge ──
  Provider: github
  Repo: o/r
  Token env: env:SECRET → resolved
  (with --no-pr the branch is moved and no pull request is opened)

═══ End Plan ═══
>>>2
job.toml:13:27: warning: credentials.env.B: the variable 'NO_SUCH_VARIABLE' is not set: export it
---
# All that would be run, and what becomes of the result, is in it.
smelt-manifest plan --human - <<'END' | grep -E 'Setup|Directory|Variables|Failed|Protected|Author'
[job]
name = "hello"
repo = "."
base_ref = "main"
[[session]]
name = "one"
spec = ""
harness = "make"
timeout = 5
working_directory = "below"
env = { B = "1", A = "2" }
[workspace]
setup = "npm ci"
[commit]
name = "Bot"
[merge]
target = "out"
include_failed = false
[protect]
paths = ["infra/**", "*.tf"]
END
>>>
     Directory: below
     Variables: A, B
  Failed gates: left out
  Protected: infra/**, *.tf
  Author: Bot <smelt@localhost>
  Setup: npm ci

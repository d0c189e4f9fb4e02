# A plan is one record with every default filled in; relative paths start at the manifest.
mkdir sub; cat > sub/job.toml; smelt-manifest plan --run 01m7yqx9z57t8xy0wj5ak2kkq8 sub/job.toml
<<<
[job]
name = "hello"
repo = "."
base_ref = "main"
[[session]]
name = "one"
spec = "make a file"
harness = "touch x"
timeout = 60
[merge]
target = "out"
>>>
{"v":1,"type":"run.planned","time":"{time}","run":"01m7yqx9z57t8xy0wj5ak2kkq8","job":{"baseRef":"main","commit":{"email":"smelt@localhost","name":"smelt","signoff":false,"trailers":[]},"environment":{"runtime":"sandbox"},"limits":{"maxParallel":4,"outputBytes":1073741824,"wallSeconds":86400},"merge":{"aiResolution":false,"includeFailed":true,"order":[],"strategy":"sequential","target":"out"},"name":"hello","network":{"allow":[],"mode":"none"},"protect":[],"repository":"{T}/sub","review":{"expiresSeconds":86400,"required":false},"sessions":[{"dependsOn":[],"env":{},"harness":"touch x","name":"one","spec":"make a file","timeoutSeconds":60}],"workspace":{"copy":[],"mounts":[]}},"manifest":{"path":"{T}/sub/job.toml","sha256":"c2cf15a7b1b31cd30b06114907f86903625231d65d0ff8f7a10e78ba47bf1c97"},"runsDirectory":"{T}/sub/.smelt/runs","smeltVersion":"0.1.0"}

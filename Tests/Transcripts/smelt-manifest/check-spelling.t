# A misspelt key is reported once, with what was probably meant.
cat > job.toml; smelt-manifest check job.toml
<<<
limit = 3
[job]
nam = "x"
repo = "."
base_ref = "main"
[enviroment]
runtime = "sandbox"
[[session]]
name = "one"
spec = "s"
harness = "true"
timout = 5
depends = ["one"]
zzz = 1
[merge]
target = "t"
stratgy = "octopus"
>>>2
job.toml:1:1: a manifest has no key 'limit'; did you mean 'limits'?
job.toml:3:1: [job] has no key 'nam'; did you mean 'name'?
job.toml:6:2: a manifest has no key 'enviroment'; did you mean 'environment'?
job.toml:12:1: [session[0]] has no key 'timout'; did you mean 'timeout'?
job.toml:13:1: [session[0]] has no key 'depends'; it has name, spec, harness, timeout, depends_on, agent, env, working_directory, credentials
job.toml:14:1: [session[0]] has no key 'zzz'; it has name, spec, harness, timeout, depends_on, agent, env, working_directory, credentials
job.toml:17:1: [merge] has no key 'stratgy'; did you mean 'strategy'?
>>>= 65

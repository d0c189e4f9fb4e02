# The bad example has seven problems: seven lines, and nothing on stdout.
cd "$TOP/examples" && smelt-manifest check bad-manifest.toml
>>>2
bad-manifest.toml:4:8: job.name is empty: fill it in
bad-manifest.toml:10:9: environment.image is empty: fill it in
bad-manifest.toml:16:11: session[0].timeout must be more than 0 seconds
bad-manifest.toml:19:8: session[1].name 'frontend' is taken: choose another name
bad-manifest.toml:29:15: session[2].depends_on[0]: there is no session 'nonexistent'; name a session of this file
bad-manifest.toml:33:33: merge.order[2]: there is no session 'also_nonexistent'; name a session of this file
bad-manifest.toml:34:10: merge.target is empty: fill it in
>>>= 65

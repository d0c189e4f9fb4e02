# A sandbox inside a sandbox would need user namespaces, which are forbidden there; it says so.
real=$(realpath "$BIN"); smelt-exec --read-only "$real" -- "$real/smelt-exec" -- true
>>>2
smelt-exec: could not make namespaces for 'true': No space left on device; raise the sysctls user.max_*_namespaces; inside another sandbox this is not possible (sandbox_namespaces, 69)
>>>= 125

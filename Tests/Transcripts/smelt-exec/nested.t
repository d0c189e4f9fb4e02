# A sandbox inside a sandbox would need user namespaces, which are forbidden there; it says so.
real=$(realpath "$BIN"); smelt-exec --read-only "$real" -- "$real/smelt-exec" -- true
>>>2
smelt-exec: could not make namespaces for 'true': Function not implemented; inside another sandbox, whose filter keeps such calls from being made, this is not possible (sandbox_namespaces, 69)
>>>= 125
---
# Without a filter, the count of user namespaces does it alone.
real=$(realpath "$BIN"); smelt-exec --seccomp none --read-only "$real" -- "$real/smelt-exec" -- true
>>>2
smelt-exec: could not make namespaces for 'true': No space left on device; raise the sysctls user.max_*_namespaces; inside another sandbox this is not possible (sandbox_namespaces, 69)
>>>= 125

# A key of a hundred thousand parts, and nesting without end, are problems and not crashes.
{ printf a; yes .a | head -n 100000 | tr -d '\n'; echo ' = 1'; } > long.toml
{ printf 'a = '; yes '[' | head -n 100000 | tr -d '\n'; } > nested.toml
{ printf 'a = '; yes '{a=' | head -n 100000 | tr -d '\n'; } > tables.toml
yes '# a comment' | head -c 1048577 > large.toml
smelt-manifest check long.toml nested.toml tables.toml large.toml
>>>2
long.toml:1:64: the key has more than 32 parts: use fewer dots
nested.toml:1:69: values are nested more than 64 deep: flatten them
tables.toml:1:197: values are nested more than 64 deep: flatten them
large.toml:1:1: the file is longer than 1048576 bytes: put long texts elsewhere
>>>= 65

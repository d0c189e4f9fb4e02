# Wrong words are 64, with the usage of the form that was meant.
smelt-manifest plan
>>>2
smelt-manifest: no manifest given
usage: smelt-manifest plan [--run RUN] [--human] [--resume] FILE|-
>>>= 64
---
smelt-manifest plan a b
>>>2
smelt-manifest: more than one manifest given
usage: smelt-manifest plan [--run RUN] [--human] [--resume] FILE|-
>>>= 64
---
smelt-manifest plan --run 7 a
>>>2
smelt-manifest: --run needs a run id of 26 characters, not '7'
usage: smelt-manifest plan [--run RUN] [--human] [--resume] FILE|-
>>>= 64
---
smelt-manifest check
>>>2
smelt-manifest: no manifest given
usage: smelt-manifest check FILE...
>>>= 64
---
smelt-manifest chek x
>>>2
smelt-manifest: unknown command 'chek'; did you mean check?
usage: smelt-manifest init [FILE]
       smelt-manifest check FILE...
       smelt-manifest plan [--run RUN] [--human] [--resume] FILE|-
       smelt-manifest schema [manifest|records]
>>>= 64

# What it does not take.
smelt-collect --max-file huge
>>>2
smelt-collect: --max-file needs a size such as 512M or 4GiB, not 'huge'
usage: smelt-collect [--patch FILE] [--bundle FILE] [--max-file SIZE] [--max-total SIZE] [--max-paths N] [--max-objects N] [--max-path N] [--max-depth N] [--max-time DURATION]
>>>= 64
---
smelt-collect x
>>>2
smelt-collect: smelt-collect takes no operands, not 'x'
usage: smelt-collect [--patch FILE] [--bundle FILE] [--max-file SIZE] [--max-total SIZE] [--max-paths N] [--max-objects N] [--max-path N] [--max-depth N] [--max-time DURATION]
>>>= 64

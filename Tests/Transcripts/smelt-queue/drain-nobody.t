# Where no daemon is, there is nothing to drain.
smelt-queue drain
>>>2
smelt-queue: no daemon works with '{T}/.state/smelt.db'
>>>= 1

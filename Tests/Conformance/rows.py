#!/usr/bin/env python3
"""rows.py RUNTIME [ROW]...: what a run promises, row by row, the same for every runtime. A row that a runtime cannot
have is told with the reason that smelt itself gives, and only for what may differ."""
import sys, time, traceback
import row_ends, row_network, row_walls, row_work
from runtime import Cannot, Place, Runtime

# What a runtime cannot have, and where: memory in a sandbox on a host with control groups of version 1 (the machine for tests
# has the others), on a cluster what its network enforces and files of this host.
may_differ = {
    "sandbox": [row_ends.memory_bites],
    "kubernetes": [row_ends.processes_are_counted, row_walls.no_network_unless_opened, row_work.set_up_and_brought_along],
}

runtime = Runtime(sys.argv[1])
wanted = sys.argv[2:]
rows = [row for row in row_work.rows + row_walls.rows + row_network.rows + row_ends.rows if not wanted or row.__name__ in wanted]
passed = failed = 0
for row in rows:
    began = time.monotonic()
    try:
        with Place(runtime) as place: row(place)
        passed += 1
    except Cannot as reason:
        if row in may_differ.get(runtime.name, []): print(f"cannot {row.__name__}: {reason}", flush=True)
        else:
            failed += 1
            print(f"FAILED {row.__name__}: {reason}", flush=True)
    except Exception as fault:
        failed += 1
        print(f"FAILED {row.__name__}: {type(fault).__name__}: {fault} ({(row.__doc__ or '').strip()})", flush=True)
        traceback.print_exc(file=sys.stdout)
    seconds = time.monotonic() - began
    if seconds >= 10: print(f"{seconds:.0f} s {row.__name__}", flush=True)
print(f"{runtime.name}: {passed} rows passed, {failed} failed")
sys.exit(1 if failed or passed + failed == 0 else 0)

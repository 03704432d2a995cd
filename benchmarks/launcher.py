"""Run a command, print its seconds, CPU seconds and KiB: python -IS launcher.py COMMAND...

Linux counts the memory of whoever starts a process as the process's own, so whoever measures it
must be small: this imports next to nothing.
"""

import os
import sys
import time

_NO_OUTPUT = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
start = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[_NO_OUTPUT])
_, status, usage = os.wait4(process, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))

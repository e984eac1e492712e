"""Time commands turn by turn; print the seconds of each run, as JSON.

Arguments: the commands as JSON, how many turns, a script to run before each turn.
This runs as the person whose commands are timed, which leaves out the becoming that
person. Each is started by posix_spawn: a fork of a big program would cost more than
what is timed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

commands, runs, before = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
null = os.open(os.devnull, os.O_RDWR)
files = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1)]
times: list[list[float]] = [[] for _ in commands]
for turn in range(runs + 1):
    if before:
        subprocess.run(["sh", "-ec", before], stdout=null, check=True)
    for words, kept in zip(commands, times, strict=True):
        start = time.perf_counter()
        pid = os.posix_spawnp(words[0], words, os.environ, file_actions=files)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status:
            sys.exit(f"{words} ended with {status}")
        if turn:
            kept.append(time.perf_counter() - start)
print(json.dumps(times))

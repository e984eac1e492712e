"""Run a command as root of a user namespace in which no further one can be made."""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
here, there = os.pipe()
back, done = os.pipe()
child = os.fork()
if child == 0:
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
        os._exit(99)
    os.write(there, b".")
    os.read(back, 1)
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
    os.execvp(sys.argv[1], sys.argv[1:])
os.read(here, 1)
for name in ("uid_map", "gid_map"):
    with open(f"/proc/{child}/{name}", "w") as file:
        file.write("0 0 4294967295")
os.write(done, b".")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

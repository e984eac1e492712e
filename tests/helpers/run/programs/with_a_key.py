"""Run a command in a session with a key of the kernel's; its id is the last word.

The numbers of the system calls are x86-64's.
"""

from __future__ import annotations

import ctypes
import os
import sys

KEYCTL, ADD_KEY = 250, 248
JOIN_SESSION_KEYRING, SESSION_KEYRING = 1, -3

call = ctypes.CDLL(None).syscall
call(KEYCTL, JOIN_SESSION_KEYRING, None)
key = call(ADD_KEY, b"user", b"plash", b"key", 3, SESSION_KEYRING)
os.execv(sys.argv[1], [*sys.argv[1:], str(key)])

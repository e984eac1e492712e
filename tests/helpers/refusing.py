"""Run a program on a kernel that refuses some system calls.

    python3 refusing.py NAME=ERRNO[,NAME=ERRNO...] -- CMD...

Older kernels, container filters and the fences of distributions are played this way:
the call is refused by a seccomp filter, which the command and all it starts inherit.
Root may set the filter as it is, so that CMD may be `setpriv … CMD` and setuid programs
work behind it. Everybody else must give up setuid programs first (no_new_privs).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Sequence
from typing import Final

# The numbers of the calls since Linux 5.1 are the same everywhere.
_NEW: Final = {
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "clone3": 435,
    "close_range": 436,
    "openat2": 437,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
_X86_64: Final = {"clone": 56, "mount": 165, "pivot_root": 155, "unshare": 272}
_AARCH64: Final = {"clone": 220, "mount": 40, "pivot_root": 41, "unshare": 97}
# AUDIT_ARCH_… of <linux/audit.h>, and the calls of that machine.
_MACHINES: Final = {
    "x86_64": (0xC000003E, {**_NEW, **_X86_64, "statx": 332}),
    "aarch64": (0xC00000B7, {**_NEW, **_AARCH64, "statx": 291}),
}

# <linux/bpf_common.h>, <linux/seccomp.h>, <linux/prctl.h>
_LOAD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_AT_NUMBER, _AT_ARCHITECTURE = 0, 4
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER: Final = 2


def behind(refused: str, argv: Sequence[str]) -> list[str]:
    """The command line that runs `argv` with the calls refused."""
    return [sys.executable, __file__, refused, "--", *argv]


def program_of(refused: str) -> bytes:
    """The filter, as the instructions of classic BPF."""
    architecture, numbers = _MACHINES[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    for pair in refused.split(","):
        name, _, error = pair.partition("=")
        steps.append((_JUMP_IF_EQUAL, 0, 1, numbers[name]))
        steps.append((_RETURN, 0, 0, _ERRNO | getattr(errno, error)))
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def refuse(refused: str) -> None:
    """From now on, for this process and all it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = program_of(refused)
    memory = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(memory))
    zero = ctypes.c_ulong(0)
    if os.geteuid() != 0:
        libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    filtered = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    if libc.prctl(_PR_SET_SECCOMP, filtered, program, zero, zero):
        raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")


def main() -> None:
    """See the top of the file."""
    separator = sys.argv.index("--")
    command = sys.argv[separator + 1 :]
    refuse(sys.argv[1])
    os.execvp(command[0], command)  # noqa: S606 - what it is for


if __name__ == "__main__":
    main()

"""Opening paths inside a directory tree, out of which no link leads."""

from __future__ import annotations

import ctypes
import errno
import os
from functools import lru_cache

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Final

_OPENAT2: Final = 437  # the number of the system call, on every architecture
_NO_MAGICLINKS: Final = 0x02  # linux/openat2.h
_IN_ROOT: Final = 0x10


class _How(ctypes.Structure):
    """struct open_how of linux/openat2.h."""

    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


@lru_cache(maxsize=1)
def _system_call() -> Any:
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    return function


def open_inside(root: int, path: str, flags: int) -> int:
    """Open `path` as if the directory `root` were "/"; return a descriptor.

    The kernel keeps absolute links and `..` inside (openat2, Linux 5.6). Raises
    OSError; ENOSYS on older kernels, because there is no equally safe alternative.
    """
    how = _How(flags | os.O_CLOEXEC, 0, _IN_ROOT | _NO_MAGICLINKS)
    name = os.fsencode(path)
    if b"\0" in name:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    for _try in range(1000):
        found = _system_call()(
            ctypes.c_long(_OPENAT2),
            ctypes.c_int(root),
            ctypes.c_char_p(name or b"/"),
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
        if found >= 0:
            return int(found)
        # EAGAIN: a concurrent rename or mount made the check of `..` fail; retry.
        if ctypes.get_errno() != errno.EAGAIN:
            break
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code), path)

"""Ending a process that runs in an image: that one, and never another."""

from __future__ import annotations

import os
import signal

from plashui.base.errors import PlashError
from plashui.base.procfs import birth
from plashui.processes.ps import Running


def end(process: Running, *, force: bool = False) -> None:
    """Ask a process to end (SIGTERM), or with `force` end it (SIGKILL).

    If it is over, and also if another has its number by now, PlashError says so and
    nothing was sent. A process that is asked may take its time, or take no notice.
    """
    pid = process.pid
    if pid is None:
        raise PlashError(
            f"image {process.image} is {process.command}, which is no process",
            "`plash umount` ends a mount",
        )
    if pid == os.getpid():
        raise PlashError(f"process {pid} is this one")
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        raise _over(pid) from None
    except OSError as error:
        raise _cannot(pid, error) from error
    try:
        # The descriptor is of whoever has the number now. If that is still the one
        # which was listed, it stays so, whatever ends and begins from here on.
        if not process.birth or birth(pid) != process.birth:
            raise _over(pid)
        number = signal.SIGKILL if force else signal.SIGTERM
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        raise _over(pid) from None
    except OSError as error:
        raise _cannot(pid, error) from error
    finally:
        os.close(descriptor)


def _over(pid: int) -> PlashError:
    return PlashError(f"process {pid} has ended by itself")


def _cannot(pid: int, error: OSError) -> PlashError:
    return PlashError(f"cannot end process {pid}: {error.strerror}")

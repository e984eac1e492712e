"""Ending a process that runs in an image, and never another with the same pid."""

from __future__ import annotations

import os
import signal

from plashui.base.errors import PlashError
from plashui.base.procfs import birth
from plashui.processes.ps import Running


def end(process: Running, *, force: bool = False) -> None:
    """Ask a process to end (SIGTERM), or kill it with `force` (SIGKILL).

    Raises PlashError, without sending a signal, if it has ended, also if another
    process has its pid. A process may ignore SIGTERM or take its time.
    """
    pid = process.pid
    if pid is None:
        raise PlashError(
            f"image {process.image} is {process.command}, which is not a process",
            "`plash umount` ends a mount",
        )
    if pid == os.getpid():
        raise PlashError(f"process {pid} is plashui itself")
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        raise _over(pid) from None
    except OSError as error:
        raise _cannot(pid, error) from error
    try:
        # The descriptor refers to the process that has the pid now. If that is the
        # listed one, the signal goes to it, even if the pid is reused after this.
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
    return PlashError(f"process {pid} has already ended")


def _cannot(pid: int, error: OSError) -> PlashError:
    return PlashError(f"cannot end process {pid}: {error.strerror}")

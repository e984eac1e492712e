"""Work in the background whose helper ends well or ill, dies, hangs or is cancelled.

Arguments: `build` or `import`, the store, the image or the tar, the way it ends.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast
from unittest import mock

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress
from plashui.helper import process as helper
from plashui.operations.build import build
from plashui.store.run_spec import build_way
from plashui.store.store import Store
from plashui.transfer.imports.tarball import import_tar

SCRIPTS = {
    "well": "echo out; echo err >&2; printf '1 %%\\r2 %%\\nend'; echo x >/new",
    "ill": "echo no; exit 3",
}
FOREVER = "echo up; exec sleep 1000"


def helpers() -> Iterator[int]:
    """The children of this process."""
    mine = str(os.getpid())
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat[1] == mine:
            yield int(pid)


def send(number: signal.Signals) -> None:
    """Send a signal to every helper."""
    for pid in helpers():
        os.kill(pid, number)


def build_it(store: Store, image: int, way: str, cancel: Cancel) -> None:
    """Build an image; print its id or the error, and what was said."""
    said = []

    def report(progress: Progress) -> None:
        said.append(progress.what)
        if progress.what != "up":
            return
        if way == "killed":
            send(signal.SIGKILL)
        elif way == "cancelled":
            cancel.set()
        elif way == "hangs":
            send(signal.SIGSTOP)
            threading.Timer(0.1, cancel.set).start()

    command = ["sh", "-c", SCRIPTS.get(way, FOREVER)]
    try:
        print(build(store, image, build_way(command), report=report, cancel=cancel))
    except (Cancelled, PlashError) as error:
        print(type(error).__name__, error)
    print(said)


class Source(io.RawIOBase):
    """A tar that harms its reader's helper once that has some of it."""

    def __init__(self, tar: Path, way: str, cancel: Cancel) -> None:
        self.tar, self.way, self.cancel = tar.open("rb"), way, cancel
        self.begun = False

    def read(self, _size: int = -1) -> bytes:
        """Read a piece; where the helper hangs there is always more."""
        piece = self.tar.read(65536)
        if not self.begun and self.tar.tell() > 300_000:
            self.begun = True
            send(signal.SIGKILL if self.way == "killed" else signal.SIGSTOP)
            if self.way == "hangs":
                threading.Timer(0.1, self.cancel.set).start()
        return piece or (bytes(65536) if self.way == "hangs" else b"")


def main(what: str, place: str, operand: str, way: str) -> None:
    """Do what the words say, with little patience."""
    mock.patch.object(helper, "_PATIENCE", 0.5).start()
    store, cancel = Store(place), Cancel()
    if what == "build":
        build_it(store, int(operand), way, cancel)
        return
    try:
        source = cast(BinaryIO, Source(Path(operand), way, cancel))
        import_tar(store, source, cancel=cancel)
    except PlashError as error:
        print(type(error).__name__, error)


main(*sys.argv[1:])

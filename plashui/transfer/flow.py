"""Counting and reporting of the bytes that flow in or out of the store."""

from __future__ import annotations

from collections.abc import Callable

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report
from plashui.helper.pack import Write
from plashui.helper.unpack import Unpacked, Wording, unpack

if TYPE_CHECKING:
    from typing import IO


class Flow:
    """Counts bytes; `tick` reports them."""

    def __init__(self, report: Report, what: str, total: int | None = None) -> None:
        """Report as `what`, of `total` bytes if that is known."""
        self._report, self._what, self._total = report, what, total
        self._done = 0

    def through(self, write: Write) -> Write:
        """Wrap a write function to count its bytes."""

        def counted(piece: bytes) -> None:
            write(piece)
            self._done += len(piece)

        return counted

    def tick(self) -> None:
        """Report the bytes counted so far."""
        self._report(Progress(self._what, self._done, self._total, "bytes"))


def repack(
    pack: Callable[[Write], None],
    directory: int,
    flow: Flow,
    *,
    wording: Wording,
    lock: int | None = None,
    unset_ids: bool = False,
    cancel: Cancel | None = None,
) -> Unpacked:
    """Unpack the tar that `pack` writes into an open directory; see unpack."""

    def feed(pipe: IO[bytes]) -> None:
        pack(flow.through(pipe.write))

    return unpack(
        directory,
        feed,
        wording=wording,
        on_tick=flow.tick,
        lock=lock,
        unset_ids=unset_ids,
        cancel=cancel,
    )

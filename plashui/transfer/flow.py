"""Bytes on their way in or out of the store: counted, and told of while they flow."""

from __future__ import annotations

from collections.abc import Callable

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report
from plashui.helper.pack import Write
from plashui.helper.unpack import Unpacked, Wording, unpack

if TYPE_CHECKING:
    from typing import IO


class Flow:
    """Counts what goes through it; `tick` reports how much of `total` that was."""

    def __init__(self, report: Report, what: str, total: int | None = None) -> None:
        """Report as `what`; of how many bytes in all, if that is known."""
        self._report, self._what, self._total = report, what, total
        self._done = 0

    def through(self, write: Write) -> Write:
        """The same, but counted."""

        def counted(piece: bytes) -> None:
            write(piece)
            self._done += len(piece)

        return counted

    def tick(self) -> None:
        """Report."""
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
    """Make files in an open directory of what `pack` writes as a tar; see unpack."""

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

"""Survey of a directory tree before it is copied: its size, owners and mounts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report
from plashui.helper.subids import Ours

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_BLOCK: Final = 512
_HEADERS: Final = 3 * _BLOCK  # per member: its header, a pax header and its content


class Survey(NamedTuple):
    """The content of a tree, as far as this user may read it.

    `strangers` counts files with ids that are not mapped in the user's namespace;
    `mounts` are the directories on other file systems, which are not entered; `bytes`
    is the approximate size of a tar of the tree, None if parts are unreadable.
    """

    strangers: int
    mounts: tuple[str, ...]
    bytes: int | None


def survey(
    top: Path, ours: Ours | None, report: Report, cancel: Cancel | None
) -> Survey:
    """Survey a tree. `ours` are the mapped ids; None counts no strangers."""
    return _Survey(str(top), ours).run(report, cancel)


class _Survey:
    def __init__(self, top: str, ours: Ours | None) -> None:
        self.top, self.ours = top, ours
        facts = os.lstat(top)
        self.device = facts.st_dev
        self.looked = self.strangers = self.bytes = 0
        self.mounts: list[str] = []
        self.hidden = False
        self._twins: set[int] = set()
        self._count(facts)

    def run(self, report: Report, cancel: Cancel | None) -> Survey:
        stack = [self.top]
        while stack:
            try:
                with os.scandir(stack.pop()) as entries:
                    for entry in entries:
                        if self._look(entry):
                            stack.append(entry.path)
            except OSError:  # it may be readable inside the namespace
                self.hidden = True
            if cancel is not None:
                cancel.check()
            report(Progress(f"surveying {self.top}", self.looked, None, "files"))
        total = None if self.hidden else self.bytes
        return Survey(self.strangers, tuple(sorted(self.mounts)), total)

    def _look(self, entry: os.DirEntry[str]) -> bool:
        """Count an entry; return whether it is a directory to enter."""
        facts = entry.stat(follow_symlinks=False)
        self._count(facts)
        if not stat.S_ISDIR(facts.st_mode):
            return False
        if facts.st_dev != self.device:
            self.mounts.append(os.path.relpath(entry.path, self.top))
            return False
        return True

    def _count(self, facts: os.stat_result) -> None:
        self.looked += 1
        self.strangers += self.ours is not None and not _is_ours(facts, self.ours)
        self.bytes += _HEADERS
        if stat.S_ISREG(facts.st_mode):
            if facts.st_nlink > 1:
                if facts.st_ino in self._twins:
                    return
                self._twins.add(facts.st_ino)
            kept = min(facts.st_size, facts.st_blocks * _BLOCK)
            self.bytes += -(-kept // _BLOCK) * _BLOCK


def _is_ours(facts: os.stat_result, ours: Ours) -> bool:
    return _within(facts.st_uid, ours.users) and _within(facts.st_gid, ours.groups)


def _within(number: int, ranges: Iterable[range]) -> bool:
    return any(number in part for part in ranges)

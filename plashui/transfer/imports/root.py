"""Importing a root filesystem from a file: a tar, an app of ours, or a squashfs."""

from __future__ import annotations

import contextlib
from pathlib import Path

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.store.new_name import UNNAMED, NewName
from plashui.transfer.files import opened
from plashui.transfer.imports.tarball import Imported, import_tar
from plashui.transfer.onefile.runtime import squashfs_offset

if TYPE_CHECKING:
    from typing import BinaryIO

    from plashui.store.store import Store


def import_root(
    store: Store,
    source: BinaryIO | Path,
    *,
    origin: str = "",
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Imported:
    """Make an image of the root filesystem in a file, whichever way it is in it.

    See import_tar and import_squashfs.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(source, Path):
            origin = origin or source.name
            source = stack.enter_context(opened(source))
        if not source.seekable() or squashfs_offset(source) is None:
            return import_tar(
                store, source, origin=origin, name=name, report=report, cancel=cancel
            )
        from plashui.transfer.onefile.take_back import import_squashfs

        return import_squashfs(
            store, source, origin=origin, name=name, report=report, cancel=cancel
        )

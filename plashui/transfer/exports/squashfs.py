"""Exporting an image to a squashfs: one file for enroot, charliecloud and apptainer."""

from __future__ import annotations

import errno
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper.squashfs import COMPRESSIONS, make_squashfs
from plashui.image.config_of import effective_config
from plashui.transfer.exports import enroot
from plashui.transfer.files import FREE_SPACE, inherited, whole

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from plashui.store.store import Store

NO_FILE: Final = "a squashfs is a file that is written in any order"


def export_squashfs(
    store: Store,
    image: int,
    target: Path,
    *,
    compression: str = "zstd",
    time: int = 0,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> list[str]:
    """Write the merged image as a squashfs with enroot's files; return remarks.

    The file appears complete, replacing an existing one, or not at all. `time`, in
    epoch seconds, is that of the squashfs and of enroot's files; the same image then
    gives the same bytes.
    """
    store.layer(image)
    if compression not in COMPRESSIONS:
        raise PlashError(
            f"cannot compress a squashfs by {compression}",
            f"Choose one of {' '.join(COMPRESSIONS)}",
        )
    if inherited(target) is not None or (target.exists() and not target.is_file()):
        raise PlashError(f"cannot write {target}: {NO_FILE}", "Name a new file")
    files, remarks = enroot.files(effective_config(store, image)["config"])
    with whole(target) as file:
        written = file.fileno()

        def tick() -> None:
            size = os.fstat(written).st_size
            report(Progress(f"writing {target}", size, None, "bytes"))

        try:
            make_squashfs(
                store.path,
                image,
                written,
                enroot.packed(files),
                compression=compression,
                time=time,
                on_tick=tick,
                cancel=cancel,
            )
        except PlashError as error:
            raise _of_file(target, error) from error
    return remarks


def _of_file(target: Path, error: PlashError) -> PlashError:
    """Return the error for the file if that is what could not be written."""
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        why = os.strerror(number)
        if str(error.args[0]).endswith(f"Write failed because {why}"):
            remedy = FREE_SPACE if number != errno.EFBIG else ""
            return PlashError(f"cannot write {target}: {why}", remedy)
    return error

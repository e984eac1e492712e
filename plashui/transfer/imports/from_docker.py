"""Importing images from the docker or podman of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper.containers import Containers
from plashui.transfer.files import write_all
from plashui.transfer.imports.file import nameless_file
from plashui.transfer.oci.archive import Archive, archive_in
from plashui.transfer.oci.files import NotAnArchive, Tar

if TYPE_CHECKING:
    from plashui.store.store import Store


@contextlib.contextmanager
def saved(
    store: Store,
    image: str,
    *,
    command: str = "",
    refresh: bool = False,
    may_fetch: bool = True,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Iterator[Archive]:
    """Let docker or podman save an image, and open the archive for the block.

    An image that is not there is fetched by them, and removed there afterwards;
    `refresh` also looks for a newer one. Without `may_fetch` both are errors. The
    archive lies in a file without a name on the store's disk, since what describes the
    layers may be at its end.
    """
    tool = Containers(command)
    with contextlib.ExitStack() as stack:
        there = tool.has(image, cancel)
        if refresh or not there:
            if not may_fetch:
                raise PlashError(
                    f"{tool.name} would fetch {image} first, and only then its price is"
                    " known",
                    f"`plash pull:oci --dry-run {image}` asks its registry",
                )
            report(Progress(f"{tool.name} pulls {image}", 0, None, "bytes"))
            if not there:
                stack.callback(tool.remove, image)
            tool.pull(image, cancel)
        file = stack.enter_context(nameless_file(store))
        done = 0

        def write(data: bytes) -> None:
            nonlocal done
            write_all(file, data)
            done += len(data)
            report(Progress(f"{tool.name} saves {image}", done, None, "bytes"))

        tool.save(image, write, cancel)
        file.seek(0)
        try:
            found = archive_in(Tar(file))
        except NotAnArchive:
            found = None
        if found is None:
            raise PlashError(f"{tool.name} saves {image} in a form that is not known")
        yield found

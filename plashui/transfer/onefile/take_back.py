"""An image from an app, from another AppImage or from a squashfs."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.helper.unpack import unpack
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.workdir import workdir
from plashui.transfer.flow import Flow
from plashui.transfer.imports.tarball import Imported, empty_layer, make_image
from plashui.transfer.onefile.conf import ROOT
from plashui.transfer.onefile.look import config_in, found_in
from plashui.transfer.onefile.runtime import digest_of, stamp_of
from plashui.transfer.squashfs import node as n
from plashui.transfer.squashfs.as_tar import tar_of

if TYPE_CHECKING:
    from typing import IO, BinaryIO, Final

    from plashui.store.store import Store
    from plashui.transfer.onefile.look import Found

_OF_A_PROGRAM: Final = (
    "It is an AppImage of a program, without a root filesystem: the image has the files"
    " of the program only"
)


def import_squashfs(
    store: Store,
    file: BinaryIO,
    *,
    origin: str,
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Imported:
    """Make an image of the squashfs in an open file.

    An app gives back the image that it was made of, with its config; it is refused if
    the digest in it is not that of its squashfs. A damaged squashfs makes no image.
    """
    name.check(store)
    found = found_in(file)
    if found is None:
        raise PlashError(f"there is no squashfs in {origin}")
    if found.kind == "app":
        _refuse_a_changed_one(file, found, origin)
    squashfs = found.squashfs
    app = found.kind == "app"
    top = squashfs.find(ROOT.encode()) if app else squashfs.root()
    if top is None or top.type != n.DIRECTORY:
        raise PlashError(f"cannot read {origin}: its {ROOT} is not a directory")
    config = config_in(squashfs) if app else None
    flow = Flow(report, f"importing {origin}")
    with workdir(store) as work, empty_layer(work) as data:

        def feed(pipe: IO[bytes]) -> None:
            write = flow.through(pipe.write)
            for piece in tar_of(squashfs, top):
                write(piece)

        done = unpack(data, feed, on_tick=flow.tick, lock=work.lock, cancel=cancel)
        made = make_image(store, work, done, origin, name, cancel, config=config)
    return made._replace(said=(_OF_A_PROGRAM,)) if found.kind == "AppImage" else made


def _refuse_a_changed_one(file: BinaryIO, found: Found, origin: str) -> None:
    stamp = stamp_of(file, found.offset)
    if stamp is not None and stamp != digest_of(file, found.offset):
        raise PlashError(
            f"cannot read {origin}: its checksum is wrong, so it is damaged",
            "Get the file again",
        )

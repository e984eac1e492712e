"""A root filesystem tar on a web server becomes an image.

It is fetched first, then imported. To unpack it on the way would save the time that
unpacking takes, and no disk, since without the bytes a cut could not be gone on from.
But bytes would reach tar before their digest was checked, and a file that changed on
the server would be noticed in the middle of the unpacked one.
"""

from __future__ import annotations

import re
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.store.new_name import UNNAMED, NewName
from plashui.store.partial_downloads import Part, partial
from plashui.store.store import Store
from plashui.transfer.files import opened
from plashui.transfer.tarball import Imported, import_tar
from plashui.transfer.web import check_url, file_of, shown, with_scheme

if TYPE_CHECKING:
    from typing import BinaryIO, Final

_PIECE: Final = 1 << 20
_PAGE: Final = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<head)", re.IGNORECASE)


def import_url(
    store: Store,
    url: str,
    *,
    sha256: str = "",
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Imported:
    """Make an image of the tar at a URL, with any compression.

    The URL is one of http, https or file; of http where none is named.
    What was fetched before a cut, a cancel or a kill is kept for the next call with the
    same URL. With `sha256`, of the file as the server has it, nothing else is unpacked.
    Raises NameTaken if the image cannot have its name.
    """
    name.check(store)
    url = with_scheme(url)
    check(url, sha256)
    wanted = _digest(sha256)
    path = file_of(url)
    if path is not None:
        with opened(Path(path)) as file:
            if wanted:
                _check(Part(file), wanted, url, report, cancel)
                file.seek(0)
            origin = Path(path).name
            return import_tar(
                store, file, origin=origin, name=name, report=report, cancel=cancel
            )
    from plashui.transfer.download import fetch

    with partial(store, url) as part:
        fetch(url, part, checked=bool(wanted), report=report, cancel=cancel)
        if wanted:
            _check(part, wanted, url, report, cancel)
        _refuse_a_page(part.file, url)
        part.file.seek(0)
        return import_tar(
            store,
            part.file,
            origin=shown(url),
            name=name,
            report=report,
            cancel=cancel,
        )


def check(url: str, sha256: str = "") -> None:
    """Raise PlashError for what is not a URL that can be fetched, or not a digest."""
    if file_of(url) is None:
        check_url(with_scheme(url))
    _digest(sha256)


def _digest(text: str) -> str:
    digest = text.strip().lower().removeprefix("sha256:")
    if text and not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise PlashError(f"{text!r} is no SHA-256 digest", "It has 64 digits, 0-9 a-f")
    return digest


def _check(
    part: Part, wanted: str, url: str, report: Report, cancel: Cancel | None
) -> None:
    import hashlib  # loads all of OpenSSL

    found = hashlib.sha256()
    part.file.seek(0)
    done = 0
    while piece := part.file.read(_PIECE):
        found.update(piece)
        done += len(piece)
        report(Progress("checking the digest", done, part.total, "bytes"))
        if cancel is not None:
            cancel.check()
    if found.hexdigest() != wanted:
        raise PlashError(
            f"what is at {shown(url)} has the SHA-256 digest"
            f" {found.hexdigest()}, not {wanted}"
        )


def _refuse_a_page(file: BinaryIO, url: str) -> None:
    """A page about a file is what one gets instead of it most often."""
    file.seek(0)
    if _PAGE.match(file.read(512)):
        raise PlashError(
            f"{shown(url)} is a web page, not a tar",
            "Give the link to the file itself",
        )

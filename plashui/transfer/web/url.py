"""Fetching the file at a URL, for an image to be made of it.

The file is downloaded completely before it is unpacked. Unpacking during the download
would save time but no disk space, since resuming needs the bytes. It would also pass
bytes to tar before their digest is checked, and notice a file that changes on the
server only after a part was unpacked.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.store.partial_downloads import Part, partial
from plashui.store.store import Store
from plashui.transfer.files import opened
from plashui.transfer.web.requests import check_url, file_of, shown, with_scheme

if TYPE_CHECKING:
    from typing import BinaryIO, Final

_PIECE: Final = 1 << 20
_PAGE: Final = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<head)", re.IGNORECASE)


@contextlib.contextmanager
def downloaded(
    store: Store,
    url: str,
    *,
    sha256: str = "",
    size: int | None = None,
    pages: bool = False,
    dated: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Iterator[BinaryIO]:
    """Open the file at a URL for the block, fetched whole and checked.

    The scheme is http, https or file; http if the URL has none. Bytes fetched before
    an error, a cancel or a kill are kept for the next call with the same URL. With
    `sha256`, the digest of the file on the server, no other file is opened, nor with
    `size` one with another number of bytes. A web page, which servers often send
    instead of an image, is refused unless `pages`. If `dated` it has the time at which
    it was last changed, where the server says that.
    """
    url = with_scheme(url)
    check(url, sha256)
    wanted = _digest(sha256)
    path = file_of(url)
    if path is not None:
        with opened(Path(path)) as file:
            if wanted:
                _check(Part(file), wanted, url, report, cancel)
                file.seek(0)
            yield file
        return
    from plashui.transfer.web.download import fetch  # not for a file of this machine

    with partial(store, url) as part:
        checked = bool(wanted)
        fetch(url, part, checked=checked, size=size, report=report, cancel=cancel)
        if wanted:
            _check(part, wanted, url, report, cancel)
        if not pages:
            _refuse_a_page(part.file, url)
        part.file.seek(0)
        if dated:
            _date(part)
        yield part.file


def _date(part: Part) -> None:
    from email.utils import parsedate_to_datetime

    with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
        at = parsedate_to_datetime(part.changed).timestamp()
        os.utime(part.file.fileno(), (at, at))


def validator_at(url: str) -> str:
    """Ask for the strong validator of the file at a URL; "" if nobody gives one."""
    from plashui.transfer.web.download import validator_of

    return validator_of(url)


def origin_of(url: str) -> str:
    """Return what an image of a URL is said to come from, without passwords."""
    url = with_scheme(url)
    path = file_of(url)
    return shown(url) if path is None else Path(path).name


def check(url: str, sha256: str = "") -> None:
    """Raise PlashError for a URL that cannot be fetched or an invalid digest."""
    if file_of(url) is None:
        check_url(with_scheme(url))
    _digest(sha256)


def _digest(text: str) -> str:
    digest = text.strip().lower().removeprefix("sha256:")
    if text and not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise PlashError(
            f"{text!r} is not a SHA-256 digest",
            "It has 64 digits, 0-9 a-f",
        )
    return digest


def _check(
    part: Part, wanted: str, url: str, report: Report, cancel: Cancel | None
) -> None:
    import hashlib  # loads OpenSSL

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
            f"{shown(url)} has the SHA-256 digest {found.hexdigest()}, not {wanted}"
        )


def _refuse_a_page(file: BinaryIO, url: str) -> None:
    """Raise PlashError for a web page, which servers often send instead of a file."""
    file.seek(0)
    if _PAGE.match(file.read(512)):
        raise PlashError(
            f"{shown(url)} is a web page, not an image",
            "Give the link to the file itself",
        )

"""Files of the web that a build adds: each is fetched once for a key and a copy."""

from __future__ import annotations

import os

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.transfer.web.url import downloaded

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from plashui.recipes.plan import Web
    from plashui.store.store import Store

_PIECE: Final = 1 << 20
_fetched: Final[dict[Web, BinaryIO]] = {}
"""Files that were fetched to know their digest, until they are copied."""


def digest_of(store: Store, source: Web) -> str:
    """Return the SHA-256 digest of a file: the one that is given, else that it has."""
    if source.checksum:
        return source.checksum.removeprefix("sha256:")
    import hashlib

    file = _fetched[source] = _fetch(store, source, silent, None)
    digest = hashlib.sha256()
    while data := file.read(_PIECE):
        digest.update(data)
    return digest.hexdigest()


def fetched(
    store: Store, source: Web, report: Report, cancel: Cancel | None
) -> BinaryIO:
    """Return a file, open; the caller closes it."""
    return _fetched.pop(source, None) or _fetch(store, source, report, cancel)


def _fetch(
    store: Store, source: Web, report: Report, cancel: Cancel | None
) -> BinaryIO:
    with downloaded(
        store,
        source.url,
        sha256=source.checksum,
        pages=True,
        report=report,
        cancel=cancel,
    ) as file:
        file.seek(0)
        return open(os.dup(file.fileno()), "rb")  # which outlives its name

"""Files of the web that a build adds: each is fetched once for a key and a copy.

What was fetched is noted in the store with the tag that its server gave it. As long as
the server gives the same tag, the file is not fetched again to know its digest.
"""

from __future__ import annotations

import contextlib
import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.base.small_file import make_private
from plashui.recipes.cache import key_of
from plashui.recipes.plan import UnknownContentError
from plashui.store.metadata import read_json, write_json
from plashui.transfer.web.url import downloaded, validator_at

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from plashui.recipes.plan import Web
    from plashui.store.store import Store

_PIECE: Final = 1 << 20
_fetched: Final[dict[Web, BinaryIO]] = {}
"""Files that were fetched to know their digest, until they are copied."""


def digest_of(store: Store, source: Web, *, fetch: bool = True) -> str:
    """Return the SHA-256 digest of a file: the one that is given, else that it has.

    One of another kind that is given has its name in front: `sha512:HEX`.

    Unless it shall `fetch`, raise UnknownContentError for a file that may be new.
    """
    if source.checksum:
        return source.checksum.removeprefix("sha256:")
    tag = validator_at(source.url)
    known = read_json(_note(store, source))
    if tag and known.get("tag") == tag and isinstance(known.get("sha256"), str):
        return str(known["sha256"])
    if not fetch:
        raise UnknownContentError("it is asked when it is built what is at the URL")
    import hashlib

    file = _fetched[source] = _fetch(store, source, silent, None)
    digest = hashlib.sha256()
    while data := file.read(_PIECE):
        digest.update(data)
    if tag and tag == validator_at(source.url):  # else it changed meanwhile
        with contextlib.suppress(OSError):
            make_private(f"{store.root}/memory")
            found = {"tag": tag, "sha256": digest.hexdigest()}
            write_json(_note(store, source), found, durable=False)
    return digest.hexdigest()


def _note(store: Store, source: Web) -> str:
    return f"{store.root}/memory/web-{key_of([source.url])}"


def fetched(
    store: Store, source: Web, report: Report, cancel: Cancel | None
) -> BinaryIO:
    """Return a file, open; the caller closes it."""
    return _fetched.pop(source, None) or _fetch(store, source, report, cancel)


def _fetch(
    store: Store, source: Web, report: Report, cancel: Cancel | None
) -> BinaryIO:
    is_plain = source.checksum.startswith("sha256:")
    with downloaded(
        store,
        source.url,
        sha256=source.checksum if is_plain else "",
        pages=True,
        dated=True,
        report=report,
        cancel=cancel,
    ) as file:
        if source.checksum and not is_plain:
            _check(source, file)
        file.seek(0)
        return open(os.dup(file.fileno()), "rb")  # which outlives its name


def _check(source: Web, file: BinaryIO) -> None:
    import hashlib

    from plashui.transfer.web.requests import shown

    kind, _colon, wanted = source.checksum.partition(":")
    digest = hashlib.new(kind)
    file.seek(0)
    while data := file.read(_PIECE):
        digest.update(data)
    if digest.hexdigest() != wanted:
        raise PlashError(
            f"{shown(source.url)} has the {kind} digest {digest.hexdigest()}, not"
            f" {wanted}"
        )

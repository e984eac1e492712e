"""The list of an image server: fetched, and kept for when the server is away."""

from __future__ import annotations

import contextlib
import json
import os
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import SplitResult

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.small_file import make_private, read_small, time_in, write_small
from plashui.base.units import spoken_age
from plashui.store.cache import cache_directory
from plashui.transfer.lxc.offers import (
    Offer,
    as_rows,
    from_rows,
    lists_in,
    machine,
    offers_in,
    offers_in_index,
)
from plashui.transfer.registry.exchange import Exchange
from plashui.transfer.web.connections import netloc
from plashui.transfer.web.requests import check_url, refusal, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from plashui.settings.config import Config

VARIABLE: Final = "PLASHUI_LXC_SERVER"
"""The environment variable that names another server."""

MOST: Final = 16 << 20
"""The most bytes of a list: the longest known one has about two million."""
_MOST_LISTS: Final = 4
_INDEX: Final = "streams/v1/index.json"
_IMAGES: Final = "streams/v1/images.json"
_INDEX_USER: Final = "meta/1.0/index-user"


class Listing(NamedTuple):
    """What a server has for this machine; `said` is what a person should know."""

    server: str
    offers: tuple[Offer, ...]
    said: tuple[str, ...] = ()


class _NotAList(PlashError):
    """The server has answered, but not with a list of images."""


class _Exchange(Exchange):
    """Requests to image servers, of which none may do without encryption later."""

    def _follow(self, old: SplitResult, new: SplitResult) -> None:
        if (old.scheme, new.scheme) == ("https", "http"):
            raise PlashError(
                f"{netloc(old)} redirects to {netloc(new)} without encryption",
                f"{VARIABLE} names another server",
            )


def address(config: Config) -> str:
    """Return the URL of the server: of the environment, else of the settings."""
    found = os.environ.get(VARIABLE) or config.lxc_server
    check_url(found)
    return found.rstrip("/")


def listing(
    server: str,
    *,
    cancel: Cancel | None = None,
    wait: Callable[[float], object] | None = None,
) -> Listing:
    """Return what a server has for this machine.

    If it cannot be reached, or says something else, it is what it had the last time,
    and `said` tells the age of that.
    """
    arch = machine()
    kept = _Kept(server, arch)
    before = kept.read()
    exchange = _Exchange(cancel=cancel, wait=wait)
    with exchange.connections:
        try:
            offers, said = _fetched(exchange, server, arch, patient=before is None)
        except Cancelled:
            raise
        except PlashError as error:
            if before is None:
                raise
            age = spoken_age(time.time() - before.time)
            words = f"{error.args[0]}. This is its list of {age} ago"
            return Listing(server, tuple(before.offers), (words,))
    if not offers:
        raise PlashError(f"{shown(server)} has no images for {arch}")
    kept.write(offers)
    return Listing(server, tuple(offers), said)


def known(server: str) -> list[Offer]:
    """Return what a server had the last time, without asking it."""
    before = _Kept(server, machine()).read()
    return before.offers if before else []


def _fetched(
    exchange: Exchange, server: str, arch: str, *, patient: bool
) -> tuple[list[Offer], tuple[str, ...]]:
    """Return the offers of a server, from the better list that it has."""

    def get(path: str) -> bytes:
        url = f"{server}/{path}"
        with exchange.ask(url, patient=patient) as response:
            if response.status != 200:
                error = refusal(url, response)
                if response.status == 429 or response.status >= 500:
                    raise error
                raise _NotAList(str(error.args[0]), error.remedy)
            return exchange.document(response, f"its {path}", MOST)

    try:
        found = [
            offer
            for path in _lists(get, server)
            for offer in _read(offers_in, get(path), arch, f"{server}/{path}")
        ]
        return found, ()
    except _NotAList as error:
        url = f"{server}/{_INDEX_USER}"
        try:
            found = _read(offers_in_index, get(_INDEX_USER), arch, url)
        except _NotAList:
            raise error from None
        return found, (
            f"{shown(server)} tells no digests: what comes from it is not checked",
        )


def _lists(get: Callable[[str], bytes], server: str) -> list[str]:
    """Return the paths of the lists; the usual one if the server does not say."""
    raw = get(_INDEX)
    try:
        return lists_in(raw)[:_MOST_LISTS] or [_IMAGES]
    except PlashError as error:
        raise _not_a_list(f"{server}/{_INDEX}", error) from error


def _read(
    read: Callable[[bytes, str], list[Offer]], raw: bytes, arch: str, url: str
) -> list[Offer]:
    try:
        return read(raw, arch)
    except PlashError as error:
        raise _not_a_list(url, error) from error


def _not_a_list(url: str, error: PlashError) -> _NotAList:
    return _NotAList(
        f"{shown(url)} is not a list of images: {error}",
        f"{VARIABLE}, or lxc-server in the settings, names the server",
    )


class _Before(NamedTuple):
    """A list that was kept, and when it was fetched."""

    offers: list[Offer]
    time: float


class _Kept:
    """The last list of a server, in a file of the user's cache directory."""

    def __init__(self, server: str, arch: str) -> None:
        place = cache_directory()
        key = sha256(f"{server} {arch}".encode("utf-8", "surrogateescape")).hexdigest()
        self._path = Path(place) / f"lxc-{key[:16]}" if place else None

    def read(self) -> _Before | None:
        """Return what was kept; None if that is nothing, or damaged."""
        if self._path is None:
            return None
        try:
            value = json.loads(read_small(self._path, MOST))
            when = time_in(value["time"])
            offers = from_rows(value["offers"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return _Before(offers, when) if offers and when is not None else None

    def write(self, offers: list[Offer]) -> None:
        """Keep a list; a cache that cannot be written is not an error."""
        if self._path is None:
            return
        value = {"time": time.time(), "offers": as_rows(offers)}
        with contextlib.suppress(OSError):
            self._path.parent.parent.mkdir(parents=True, exist_ok=True)
            make_private(self._path.parent)
            write_small(self._path, [json.dumps(value).encode()], durable=False)

"""Root filesystems from image servers of LXC and Incus, such as linuxcontainers.org.

A server lists them in `streams/v1/images.json` (simplestreams) with digests. Older ones
have only `meta/1.0/index-user`, without. The last list is kept in the user's cache, for
when the server is away.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.terminal_text import clean
from plashui.base.units import spoken_age
from plashui.store.cache import directory
from plashui.store.metadata import read_json, write_json
from plashui.store.partial_downloads import Part
from plashui.transfer.download import fetch
from plashui.transfer.oci.platform import this_machine
from plashui.transfer.web import shown

if TYPE_CHECKING:
    from typing import Any, Final

SERVER: Final = "https://images.linuxcontainers.org"
VARIABLE: Final = "PLASHUI_LXC_SERVER"
_STREAMS: Final = "streams/v1/images.json"
_INDEX: Final = "meta/1.0/index-user"
_ROOT: Final = "root.tar.xz"
_DEFAULT: Final = "default"
_MOST: Final = 64 << 20
_ARCHITECTURES: Final = {"arm": "armhf", "386": "i386", "ppc64le": "ppc64el"}
"""How these servers call a machine, where Go calls it otherwise."""


class Offer(NamedTuple):
    """A root filesystem on a server; `sha256` is "" and `size` 0 if it tells none."""

    distribution: str
    release: str
    variant: str
    serial: str
    path: str
    sha256: str = ""
    size: int = 0
    other_releases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return how it is asked for: `debian:sid`, `alpine:edge:cloud`."""
        name = f"{self.distribution}:{self.release}"
        return name if self.variant == _DEFAULT else f"{name}:{self.variant}"


class Offers(NamedTuple):
    """All that a server has for this machine; `told` is what a person should know."""

    server: str
    offers: tuple[Offer, ...]
    told: str = ""

    def url(self, offer: Offer) -> str:
        """Return where a root filesystem is."""
        return f"{self.server}/{offer.path.lstrip('/')}"

    def find(self, word: str) -> Offer:
        """Return what DISTRIBUTION:RELEASE[:VARIANT] means, or one of them alone."""
        first, *rest = word.lower().split(":")
        wanted_variant = rest[1] if len(rest) > 1 else _DEFAULT
        found = [
            one
            for one in self.offers
            if one.variant == wanted_variant and len(rest) < 3
            if _means(one, first, rest[0] if rest else "")
        ]
        if len(found) == 1:
            return found[0]
        names = [one.name for one in found or self._like(first)]
        if not names:
            raise PlashError(
                f"{shown(self.server)} has no {clean(word)!r} for this machine",
                "`plash pull:lxc` lists what there is",
            )
        more = f" and {len(names) - 12} more" if len(names) > 12 else ""
        what = f"{clean(word)!r} is not one image" if found else f"no {clean(word)!r}"
        raise PlashError(f"{what}: there are {', '.join(names[:12])}{more}")

    def _like(self, word: str) -> list[Offer]:
        return [one for one in self.offers if word in one.name.split(":")]


def _means(offer: Offer, first: str, release: str) -> bool:
    releases = (offer.release, *offer.other_releases)
    if release:
        return offer.distribution == first and release in releases
    return first == offer.distribution or first in releases


def offers(*, report: Report = silent, cancel: Cancel | None = None) -> Offers:
    """Return what the server has for this machine; if it is away, what it had."""
    server = (os.environ.get(VARIABLE) or SERVER).rstrip("/")
    place = _kept_at(server)
    try:
        found = tuple(_fetched(server, report, cancel))
    except Cancelled:
        raise
    except PlashError as error:
        kept = read_json(place) if place else {}
        rows, when = kept.get("offers"), kept.get("time")  # which we wrote
        if not isinstance(rows, list) or not isinstance(when, int | float):
            raise
        age = spoken_age(time.time() - when)
        told = f"{error.args[0]}. Its list of {age} ago is used"
        return Offers(server, tuple(map(_offer_of, rows)), told)
    if place:
        with contextlib.suppress(OSError):
            Path(place).parent.mkdir(0o700, parents=True, exist_ok=True)
            value = {"time": time.time(), "offers": [list(one) for one in found]}
            write_json(place, value, durable=False)
    return Offers(server, found)


def _kept_at(server: str) -> str:
    home = directory()
    digest = hashlib.sha256(server.encode()).hexdigest()[:16]
    return f"{home}/lxc-{digest}" if home else ""


def _offer_of(row: Any) -> Offer:
    return Offer(*row)._replace(other_releases=tuple(row[-1]))


def _fetched(server: str, report: Report, cancel: Cancel | None) -> Iterator[Offer]:
    machine = this_machine().architecture
    arch = _ARCHITECTURES.get(machine, machine)
    try:
        raw = _read(f"{server}/{_STREAMS}", report, cancel)
    except Cancelled:
        raise
    except PlashError as error:
        try:
            raw = _read(f"{server}/{_INDEX}", report, cancel)
        except Cancelled:
            raise
        except PlashError:
            raise error from None
        return _from_index(raw.decode("utf-8", "replace"), arch)
    return _from_streams(raw, arch, server)


def _read(url: str, report: Report, cancel: Cancel | None) -> bytes:
    """Return a file of a server."""
    with tempfile.TemporaryFile(buffering=0) as file:
        part = Part(_Small(os.dup(file.fileno()), "r+b"))
        with part.file:
            fetch(url, part, report=report, cancel=cancel)
            part.file.seek(0)
            return part.file.read(_MOST)


class _Small(io.FileIO):
    """A file that does not become larger than a list is."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > _MOST:
            raise PlashError("the server sends an endless list of images")
        return super().write(data)


def _from_streams(raw: bytes, arch: str, server: str) -> Iterator[Offer]:
    try:
        products = json.loads(raw)["products"]
        for key, product in sorted(products.items()):
            distribution, release, machine, variant = key.lower().split(":")
            if machine != arch:
                continue
            versions = {
                serial: item
                for serial, version in product["versions"].items()
                for item in version["items"].values()
                if item["ftype"] == _ROOT
            }
            if versions:
                serial = max(versions)
                item = versions[serial]
                yield Offer(
                    distribution,
                    release,
                    variant,
                    serial,
                    str(item["path"]),
                    str(item["sha256"]),
                    int(item["size"]),
                    tuple(_releases(str(product.get("aliases", "")), release)),
                )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PlashError(
            f"{shown(server)} does not answer like an image server", f"Check {VARIABLE}"
        ) from error


def _releases(aliases: str, release: str) -> Iterable[str]:
    """Return the other names of a release: `debian/12,debian/bookworm/default`."""
    names = (one.strip().lower().split("/") for one in aliases.split(","))
    found = {name[1] for name in names if len(name) > 1}
    return sorted(found - {release, _DEFAULT})


def _from_index(text: str, arch: str) -> Iterator[Offer]:
    """Read lines `distribution;release;architecture;variant;serial;/path/`."""
    for line in text.splitlines():
        fields = line.strip().split(";")
        if len(fields) == 6 and fields[2] == arch:
            distribution, release, _arch, variant, serial, path = fields
            path = f"{path.rstrip('/')}/rootfs.tar.xz"
            yield Offer(distribution, release, variant, serial, path)

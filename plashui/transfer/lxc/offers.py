"""What an image server offers, read from either of its lists.

`streams/v1/images.json` (simplestreams, as incus reads it) has sizes and digests.
`meta/1.0/index-user` (lxc's own) has neither. A server may put anything into them: an
entry of another form is passed over.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Final

DEFAULT: Final = "default"
"""The variant that is meant where none is named."""

_MACHINES: Final = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv8l": "armhf",
    "armv7l": "armhf",
    **dict.fromkeys(("armv6l", "armv5tel"), "armel"),
    **dict.fromkeys(("i386", "i486", "i586", "i686"), "i386"),
    "ppc64le": "ppc64el",
    "loongarch64": "loong64",
}
"""What the kernel calls a machine, where Debian, and so lxc, calls it otherwise."""
_TAR: Final = "root.tar.xz"
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,63}", re.ASCII | re.IGNORECASE)
_SERIAL: Final = re.compile(r"[0-9a-z_:.+-]{1,64}", re.ASCII | re.IGNORECASE)
_PATH: Final = re.compile(r"[0-9a-z_:.+~%@=,/-]{1,512}", re.ASCII | re.IGNORECASE)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MOST_ALIASES: Final = 16
_MOST_SIZE: Final = 1 << 50


class Offer(NamedTuple):
    """The newest image of a release; `path` is relative to the server.

    `sha256` is "" and `size` 0 where the list does not have them. `aliases` are other
    names of it: `debian:12`.
    """

    distribution: str
    release: str
    variant: str
    serial: str
    path: str
    sha256: str = ""
    size: int = 0
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return how a person names it."""
        words = [self.distribution, self.release]
        return ":".join(words if self.variant == DEFAULT else [*words, self.variant])

    def url(self, server: str) -> str:
        """Return where it is."""
        return f"{server}/{self.path}"


def machine() -> str:
    """Return what image servers call this machine."""
    found = os.uname().machine
    return _MACHINES.get(found, found)


def lists_in(raw: bytes) -> list[str]:
    """Return the paths of the lists of images that `streams/v1/index.json` names."""
    paths = [
        _path(entry.get("path"))
        for entry in _objects(_json(raw).get("index"))
        if entry.get("datatype", "image-downloads") == "image-downloads"
    ]
    return [path for path in paths if path]


def offers_in(raw: bytes, arch: str) -> list[Offer]:
    """Return the images for a machine in a list of simplestreams."""
    products = _json(raw).get("products")
    if not isinstance(products, dict):
        raise PlashError("it has no products")
    found = (_newest(key, _object(value), arch) for key, value in products.items())
    return sorted(offer for offer in found if offer)


def offers_in_index(raw: bytes, arch: str) -> list[Offer]:
    """Return the images for a machine in an `index-user`."""
    newest: dict[str, Offer] = {}
    lines = [line.split(";") for line in raw.decode("ascii", "replace").splitlines()]
    fields = [line for line in lines if len(line) == 6]
    if not fields:
        raise PlashError("it has no line of an image")
    for distribution, release, there, variant, serial, place in fields:
        path = _path(f"{place.rstrip('/')}/rootfs.tar.xz")
        one = Offer(distribution, release, variant, serial, path)
        good = _good(distribution, release, variant, serial=serial)
        if there == arch and path and good:
            newest[one.name] = max(one, newest.get(one.name, one))
    return sorted(newest.values())


def as_rows(offers: list[Offer]) -> list[list[Any]]:
    """Return offers as JSON has them."""
    return [list(offer) for offer in offers]


def from_rows(rows: object) -> list[Offer]:
    """Return offers from JSON, of which only good ones are taken."""
    return list(_from_rows(rows if isinstance(rows, list) else []))


def _from_rows(rows: list[Any]) -> Iterator[Offer]:
    for row in rows:
        if not (isinstance(row, list) and len(row) == len(Offer._fields)):
            continue
        one = Offer(*row)
        if not all(isinstance(text, str) for text in one[:6]) or not _path(one.path):
            continue
        good = _good(one.distribution, one.release, one.variant, serial=one.serial)
        unchecked = (one.sha256, one.size) == ("", 0)
        if good and (unchecked or _checks(one.sha256, one.size)):
            yield one._replace(aliases=_aliases(one.aliases))


def _newest(key: str, product: dict[str, Any], arch: str) -> Offer | None:
    """Return the newest version of a product that has a root filesystem as a tar."""
    words = key.split(":")
    if len(words) != 4 or words[2] != arch:
        return None
    distribution, release, _arch, variant = words
    aliases = _aliases(str(product.get("aliases", "")).split(","))
    versions = _object(product.get("versions"))
    for serial in sorted(versions, reverse=True):
        if _good(distribution, release, variant, serial=serial):
            for item in _objects(_object(versions[serial]).get("items")):
                path, size = _path(item.get("path")), item.get("size")
                digest = item.get("sha256")
                if item.get("ftype") == _TAR and path and _checks(digest, size):
                    names = (distribution, release, variant, serial)
                    return Offer(*names, path, str(digest), int(size or 0), aliases)
    return None


def _aliases(words: object) -> tuple[str, ...]:
    """Return names as `debian:12`, without the variant that is meant anyway."""
    found = []
    for word in words if isinstance(words, list) else []:
        parts = str(word).strip().replace("/", ":").split(":")
        if parts[-1] == DEFAULT:
            parts.pop()
        if parts and all(map(_WORD.fullmatch, parts)):
            found.append(":".join(parts))
    return tuple(dict.fromkeys(found))[:_MOST_ALIASES]


def _good(*words: str, serial: str) -> bool:
    return all(map(_WORD.fullmatch, words)) and bool(_SERIAL.fullmatch(serial))


def _checks(digest: object, size: object) -> bool:
    """Return whether these are a digest and a size."""
    good = isinstance(digest, str) and _SHA256.fullmatch(digest)
    return bool(good) and type(size) is int and 0 < size < _MOST_SIZE


def _path(value: object) -> str:
    """Return a path below the server; "" if it is not one."""
    path = value.lstrip("/") if isinstance(value, str) else ""
    plain = _PATH.fullmatch(path) and "//" not in path
    return path if plain and ".." not in path.split("/") else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects that are the values of an object."""
    return [_object(one) for one in _object(value).values()]


def _json(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        page = raw.lstrip()[:1] == b"<"
        raise PlashError("it is a web page" if page else "it is not JSON")
    return value

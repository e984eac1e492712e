"""Names of images in registries, read as docker reads them (distribution/reference).

    [HOST[:PORT]/]PATH[:TAG][@DIGEST]

The first part is a host if it has a `.`, a `:` or an upper-case letter, or is
`localhost`. Without a host it is the default registry; a name of one part at docker.io
is below `library/`.
"""

from __future__ import annotations

import re

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Final

HUB: Final = "docker.io"
"""The host in names of Docker Hub, which is the default."""
_OLD_HUB: Final = "index.docker.io"
_OFFICIAL: Final = "library/"
_LONGEST: Final = 255  # characters of a path
_SHOWN: Final = 100  # characters of a wrong name in an error

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = re.compile(
    rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?", re.ASCII
)
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH: Final = re.compile(rf"{_PART}(?:/{_PART})*", re.ASCII)
_TAG: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_ID: Final = re.compile(r"[0-9a-f]{64}")
_DIGITS: Final = {"sha256": 64, "sha512": 128}


class Reference(NamedTuple):
    """A name in a registry, with a tag, a digest or both; "" is for none."""

    host: str
    path: str
    tag: str = ""
    digest: str = ""

    def wanted(self) -> str:
        """Return what its manifest is asked by: the digest, else the tag."""
        return self.digest or self.tag

    def familiar(self) -> str:
        """Return the short form: without docker.io/ and library/."""
        name = f"{self.host}/{self.path}"
        if self.host == HUB:
            name = self.path
            rest = name.removeprefix(_OFFICIAL)
            if "/" not in rest:
                name = rest
        return name + self._ending()

    def __str__(self) -> str:
        """Return the full form."""
        return f"{self.host}/{self.path}{self._ending()}"

    def _ending(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag


def parse(text: str, default: str = HUB) -> Reference:
    """Read a name; the tag is `latest` if neither tag nor digest is given.

    `default` is the registry of names without a host. Raises PlashError.
    """
    if "://" in text:
        named = without_password(text).partition("://")[2]
        raise _wrong(text, "it is a URL", f"Try {named}")
    if _ID.fullmatch(text):
        raise _wrong(text, "64 hexadecimal digits are an id of docker, not a name")
    name, at, digest = text.partition("@")
    if at:
        _check_digest(text, digest)
    host, path, tag = _divided(name, default)
    if not _HOST.fullmatch(host):
        raise _wrong(text, f"{host!r} is not a host")
    if not _PATH.fullmatch(path):
        raise _wrong_path(text, path)
    if len(path) > _LONGEST:
        raise _wrong(text, f"it is longer than {_LONGEST} characters")
    if tag is not None and not _TAG.fullmatch(tag):
        raise _wrong(text, "its tag is not of letters, digits, _ . and - (at most 128)")
    if tag is None:
        tag = "" if digest else "latest"
    return Reference(host, path, tag, digest)


def familiar(name: str) -> str:
    """Return a name in an archive in its short form; "" if it is not a name."""
    try:
        return parse(name).familiar() if name else ""
    except PlashError:
        return ""


def registry_host(text: str) -> tuple[str, str]:
    """Read `HOST[:PORT][/PATH]`; return the host and the path, "" if there is none.

    A scheme is ignored, as it is by `docker login`. Raises PlashError.
    """
    name = re.sub(r"^https?://", "", text).rstrip("/")
    host, _slash, path = name.partition("/")
    if host in (_OLD_HUB, f"registry-1.{HUB}"):
        host, path = HUB, "" if re.fullmatch(r"v[12]", path) else path
    if not _HOST.fullmatch(host) or (path and not _PATH.fullmatch(path)):
        raise PlashError(
            f"{text!r} is not a registry", "For example docker.io or localhost:5000"
        )
    return host, path


def is_digest(text: str) -> bool:
    """Return whether this is a digest of a kind that can be checked."""
    kind, _colon, digits = text.partition(":")
    return (
        len(digits) == _DIGITS.get(kind, -1)
        and re.fullmatch(r"[0-9a-f]+", digits) is not None
    )


def is_tag(text: object) -> bool:
    """Return whether this can be a tag."""
    return isinstance(text, str) and _TAG.fullmatch(text) is not None


def _divided(name: str, default: str) -> tuple[str, str, str | None]:
    """Divide a name without its digest into host, path and tag."""
    first, slash, rest = name.partition("/")
    is_host = slash and (
        "." in first or ":" in first or first == "localhost" or first != first.lower()
    )
    host, rest = (first, rest) if is_host else (default, name)
    if host == _OLD_HUB:
        host = HUB
    path, colon, tag = rest.partition(":")
    if host == HUB and path and "/" not in path:
        path = f"{_OFFICIAL}{path}"
    return host, path, tag if colon else None


def _check_digest(text: str, digest: str) -> None:
    kind, _colon, digits = digest.partition(":")
    if "/" in digest:
        raise _wrong(
            text,
            "a user and a password do not belong into it",
            f"Try `plash login {digest.partition('/')[0]}`",
        )
    if kind not in _DIGITS:
        raise _wrong(
            text, f"{digest!r} is not a digest", "It is @sha256: and 64 digits"
        )
    if not is_digest(digest):
        raise _wrong(
            text,
            f"a {kind} digest has {_DIGITS[kind]} digits (0-9, a-f), not {len(digits)}"
            if len(digits) != _DIGITS[kind]
            else f"a {kind} digest has the digits 0-9 and a-f only",
        )


def _wrong_path(text: str, path: str) -> PlashError:
    if path.lower() != path and _PATH.fullmatch(path.lower()):
        typed = path if path in text else path.removeprefix(_OFFICIAL)
        return _wrong(
            text,
            "names in registries are in lower case",
            f"Try {text.replace(typed, typed.lower())}",
        )
    return _wrong(
        text,
        "a name has parts of a-z and 0-9, with . _ or - between them",
        "For example debian:bookworm or registry.example.org/a",
    )


def without_password(text: str) -> str:
    """Return a name or URL without the user, the password, and a query."""
    scheme, colon, rest = text.rpartition("://")
    _before, at, behind = rest.rpartition("@")
    if at and (scheme or "/" in behind):
        rest = behind
    return scheme + colon + rest.partition("?")[0]


def _wrong(text: str, reason: str, remedy: str = "") -> PlashError:
    text = without_password(text)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return PlashError(f"{shown!r} is not the name of an image: {reason}", remedy)

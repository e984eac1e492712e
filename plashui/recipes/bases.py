"""Finding the image in the store that a stage begins with, or what has to be pulled."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.recipes.cache import image_of, key_of

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.plan import FromImage
    from plashui.settings.config import Config
    from plashui.store.store import Store

KINDS: Final = ("lxc", "oci", "docker", "url", "file", "dir")
"""The prefixes of words that name a source; the verb `pull:KIND` pulls it."""
RELEASES: Final = {
    "alpine": "edge",
    "archlinux": "current",
    "centos": "9-Stream",
    "debian": "trixie",
    "fedora": "42",
    "gentoo": "current",
    "ubuntu": "noble",
}
"""The release of a distribution on an image server, if none is named or set."""


def found(store: Store, base: FromImage) -> int | None:
    """Return the image of the store that a word stands for; None if it must be pulled.

    The word is an id, else a name, else a source that was pulled before. Raises
    PlashError if it is an id that is not there.
    """
    word = base.word
    if word.isdecimal():
        return store.resolve(word)
    named = _named(store, word)
    if named is not None:
        return named
    kind, _colon, rest = word.partition(":")
    if kind == "map":
        raise PlashError(f"no image has the name {rest!r}", "`plash ls` lists them")
    for source in sources(word, settings()):
        image = image_of(store, source_key(source, base.platform))
        if image is not None:
            return image
    return None


def is_source(word: str) -> bool:
    """Return whether a word names a source, not an image of the store."""
    return not word.isdecimal() and word.partition(":")[0] != "map"


def image_word(store: Store, word: str) -> str:
    """Return the word for an image of FROM: of the store, or else of a registry.

    In a Containerfile `docker:24` is an image called docker, as docker has it, and
    `localhost/x:latest` one of this machine, as podman has it.
    """
    if word.isdecimal() or word.startswith("oci:"):
        return word
    short = word.removeprefix("localhost/").removesuffix(":latest")
    for name in dict.fromkeys((word, short)):
        try:
            known = store.get_name(name) is not None
        except PlashError:
            continue  # it cannot be a name
        if known and name.partition(":")[0] not in KINDS:
            return name
    return f"oci:{word}"


def _named(store: Store, word: str) -> int | None:
    for name in dict.fromkeys((word.removeprefix("map:"), word)):
        try:
            image = store.get_name(name)
        except PlashError:
            continue  # it cannot be a name
        if image is not None:
            return image
    return None


def settings() -> Config:
    """Return the settings of this person."""
    from plashui.settings import config  # not for images of the store

    return config.load().config


def sources(word: str, config: Config) -> list[str]:
    """Return what a word can mean, each with its kind: `lxc:debian:sid`."""
    if word.partition(":")[0] in KINDS:
        return [_with_release(word, config)]
    return [_with_release(f"{kind}:{word}", config) for kind in config.build_from]


def _with_release(source: str, config: Config) -> str:
    kind, _colon, word = source.partition(":")
    releases = {**RELEASES, **config.releases}
    release = releases.get(word) if kind == "lxc" else None
    return f"{source}:{release}" if release else source


def source_key(source: str, platform: str) -> str:
    """Return the key as of `plash cache pull:KIND WORD`; of files, of their content."""
    kind, _colon, word = source.partition(":")
    if kind in ("file", "dir"):
        from plashui.recipes.fingerprint import fingerprint

        return key_of([f"pull:{kind}", "content", fingerprint(word)])
    options = ["--platform", platform] if platform else []
    return key_of([f"pull:{kind}", *options, word])

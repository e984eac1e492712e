"""What a word that stands for an image means: a URL, file, directory or name.

Of an image that is there, `meanings`; of one that is to be made, `destination`.
"""

from __future__ import annotations

import os

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.transfer.registry.reference import parse
from plashui.transfer.ssh import address as ssh

if TYPE_CHECKING:
    from typing import Final

_PATHS: Final = ("/", "./", "../")
_SUFFIXES: Final = {
    ".oci.tar": "push:file",
    ".docker.tar": "push:file",
    **dict.fromkeys((".sqsh", ".squashfs"), "push:squashfs"),
    **dict.fromkeys(
        (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2"), "push:tarfile"
    ),
}
"""The verb for the end of a file's name; the first that fits counts."""


class Meaning(NamedTuple):
    """One of the meanings of a word: a verb, and the word as its operand."""

    verb: str
    word: str

    def command(self) -> str:
        """Return what can be typed instead."""
        return f"plash {self.verb} {self.word}"


def meanings(word: str, default_registry: str) -> list[Meaning]:
    """Return all that a word can mean; raise PlashError if that is nothing.

    A path is never a name in a registry, but the name of a file that is here may be.
    """
    if "://" in word:
        return [Meaning("pull:url", word)]
    found = []
    if os.path.isdir(word):
        verb = "pull:file" if _holds_image(word) else "pull:dir"
        found.append(Meaning(verb, _as_path(word)))
    elif os.path.exists(word):
        found.append(Meaning("pull:file", _as_path(word)))
    if word.startswith(_PATHS) or word in (".", ".."):
        if not found:
            raise PlashError(f"there is no file {word}")
        return found
    try:
        reference = parse(word, default_registry)
    except PlashError:
        if not found:
            raise
    else:
        found.append(Meaning("pull:oci", reference.familiar()))
    return found


def _holds_image(directory: str) -> bool:
    from pathlib import Path

    from plashui.transfer.oci.archive import archive_in
    from plashui.transfer.oci.files import Directory

    return archive_in(Directory(Path(directory))) is not None


def destination(word: str, default_registry: str) -> Meaning:
    """Return what a push to a word means: by its form, or its suffix.

    Raises PlashError if it is nothing that can be pushed to.
    """
    if word.startswith(ssh.SCHEME):
        return Meaning("push:ssh", word)
    verb = next((_SUFFIXES[one] for one in _SUFFIXES if word.endswith(one)), "")
    if verb:
        return Meaning(verb, _as_path(word))
    if word.endswith("/") or word.startswith(_PATHS) or os.path.isdir(word):
        return Meaning("push:dir", _as_path(word))
    if "://" in word:
        raise PlashError(
            f"cannot push to {word}: only pulls take a URL",
            "Name a registry without `https://`, or a file",
        )
    return Meaning("push:oci", parse(word, default_registry).familiar())


def _as_path(word: str) -> str:
    """Return a path that cannot be taken for a name or an option."""
    return word if word.startswith(_PATHS) else os.path.join(".", word)

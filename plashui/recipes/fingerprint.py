"""Digests of files and directories, which change with any name, mode or content."""

from __future__ import annotations

import os
import stat

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def fingerprint(path: str) -> str:
    """Return the digest of a file, or of a directory with everything in it.

    It changes with names, types, permissions, link targets and content; not with times
    and owners. Raises PlashError if something cannot be read.
    """
    from plashui.base.quick_sha256 import sha256

    digest = sha256()
    try:
        for name, place in _walk(os.path.realpath(path)):
            found = os.lstat(place)
            kind, mode = stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode)
            if stat.S_ISLNK(found.st_mode):
                content = os.readlink(place)
            elif stat.S_ISREG(found.st_mode):
                content = file_digest(place)
            else:
                content = str(found.st_rdev)
            for word in (name, f"{kind:o} {mode:o}", content):
                data = os.fsencode(word)
                digest.update(b"%d:%b" % (len(data), data))
    except OSError as error:
        where = error.filename or path
        raise PlashError(f"cannot read {where}: {error.strerror}") from error
    return digest.hexdigest()


def file_digest(path: str) -> str:
    """Return the SHA-256 digest of a regular file's content."""
    from hashlib import file_digest as digest_of

    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        return digest_of(file, "sha256").hexdigest()


def _walk(top: str) -> Iterator[tuple[str, str]]:
    """Yield the name, relative to the top, and the path of everything in a tree."""
    left = [("", top)]
    while left:
        name, path = left.pop()
        yield name, path
        if os.path.isdir(path) and not os.path.islink(path):
            for entry in sorted(os.listdir(path), reverse=True):
                left.append((f"{name}/{entry}", f"{path}/{entry}"))

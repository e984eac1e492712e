"""The directories and the counter a store is made of: made, and looked after.

Whatever else is in their place is a clear error before anything is touched: a link
would lead the work of every command to where nobody expects it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Final

from plashui.core.cache import COUNTER
from plashui.core.census import image_ids
from plashui.core.errors import PlashError

_DIRECTORIES: Final = (
    *("index", "map", "tmp", "mnt", "layer"),
    *("layer/0", "layer/0/_data", "layer/0/_data/root"),
)
_OURS: Final = ("trash", "memory", "downloads", "kept", "volumes")
_LEFT: Final = frozenset({*_DIRECTORIES, *_OURS, "lost+found"}) - {"index", "layer"}
"""What is left in a store that the old program has purged, or in one being made."""
_ELSEWHERE: Final = "Set PLASH_DATA to a directory you may write to"


def check(root: str) -> bool:
    """Whether there is a store, whole or not; PlashError where it cannot be one."""
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):
            raise PlashError(f"the store {root} is not a directory", _ELSEWHERE)
        for name in (*_DIRECTORIES, *_OURS):
            _check_directory(root, name)
    except FileNotFoundError:
        if os.path.islink(root):
            raise PlashError(
                f"the store {root} is a link that leads nowhere", _ELSEWHERE
            ) from None
        return False
    except OSError as error:
        raise trouble("look at", root, error) from error
    return True


def _check_directory(root: str, name: str) -> None:
    try:
        mode = os.lstat(f"{root}/{name}").st_mode
    except FileNotFoundError:
        return
    except NotADirectoryError:  # one above it is none, and was told of
        return
    if not stat.S_ISDIR(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "no directory"
        raise PlashError(
            f"{root}/{name} is {kind}, where a store has a directory",
            "Put the directory itself there",
        )


def make(root: str) -> None:
    """Make a store, or what is missing of one; harmless if it is whole."""
    try:
        there = check(root)
        if there and _is_foreign(root):
            raise PlashError(
                f"{root} is not a store: it holds other files",
                "Choose an empty or a new directory for PLASH_DATA",
            )
        os.makedirs(root, exist_ok=True)
        for name in _DIRECTORIES:
            with contextlib.suppress(FileExistsError):
                os.mkdir(f"{root}/{name}", 0o755)
        with contextlib.suppress(FileExistsError):
            os.symlink("../layer/0", f"{root}/index/0")
        _have_counter(root)
    except OSError as error:
        raise trouble("make", root, error) from error


def given_ids(root: str) -> int:
    """How many ids the store has given out; 0 if that cannot be told."""
    try:
        return os.lstat(f"{root}/{COUNTER}").st_size
    except OSError:
        return 0


def _have_counter(root: str) -> None:
    """See to the counter, whose size is the last id that was given out.

    A missing one begins at the highest id there is, so that none is ever given out
    twice. It appears whole: others may take ids at once.
    """
    path = f"{root}/{COUNTER}"
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        last = max(_highest(f"{root}/index"), _highest(f"{root}/trash"))
        beside = f"{path}.{os.getpid()}.new"
        try:
            with open(beside, "wb") as file:
                file.truncate(last)
            with contextlib.suppress(FileExistsError):
                os.link(beside, path)
        finally:
            os.unlink(beside)
        return
    if not stat.S_ISREG(mode):
        raise PlashError(
            f"{path} is no regular file, and ids are counted in it",
            "Move it away: the next one goes on from the images there are",
        )


def _highest(directory: str) -> int:
    """The highest id that is more than a link which leads nowhere; 0 if none is."""
    try:
        ids = image_ids(os.listdir(directory))
    except FileNotFoundError:
        return 0
    there = (i for i in sorted(ids, reverse=True) if os.path.exists(f"{directory}/{i}"))
    return next(there, 0)


def _is_foreign(root: str) -> bool:
    """Whether a directory holds files of somebody else, and none that make a store."""
    names = set(os.listdir(root))
    return not names <= _LEFT and not names & {"index", "layer", COUNTER}


def is_store(root: str) -> bool:
    """Whether there is a store, or what somebody who was killed has left of one."""
    return check(root) and not _is_foreign(root)


def trouble(what: str, root: str, error: OSError) -> PlashError:
    """The error that a failure to read or write the store stands for."""
    sentence = f"cannot {what} the store {root}: {error.strerror}"
    if isinstance(error, PermissionError):
        return PlashError(sentence, _owner(root) or _ELSEWHERE)
    return PlashError(sentence, _ELSEWHERE if what == "make" else "")


def _owner(root: str) -> str:
    """Whose the store is, if it is somebody else's."""
    try:
        uid = os.stat(root).st_uid
    except OSError:
        return ""
    if uid == os.geteuid():
        return ""
    import pwd

    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return f"It belongs to the user {name}"

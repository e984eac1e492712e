"""The directories and the id counter of a store, checked.

The helper creates them (layout.c). Anything else in their place, such as a symbolic
link, is an error before anything is written.
"""

from __future__ import annotations

import os
import stat

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

COUNTER: Final = "id_counter"
_DIRECTORIES: Final = (
    "index",
    "map",
    "tmp",
    "mnt",
    "layer",
    "layer/0",
    "layer/0/_data",
    "layer/0/_data/root",
)
_OURS: Final = ("trash", "memory", "downloads", "blobs", "kept", "volumes")
_LEFT: Final = frozenset({*_DIRECTORIES, *_OURS, "lost+found"}) - {"index", "layer"}
"""What may be in a store that is being created or that the old program purged."""
_ELSEWHERE: Final = "Set PLASH_DATA to a directory you may write to"


def check(root: str) -> bool:
    """Return whether there is a directory for a store, complete or not.

    Raises PlashError if it cannot be a store.
    """
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):
            raise PlashError(f"the store {root} is not a directory", _ELSEWHERE)
        for name in (*_DIRECTORIES, *_OURS):
            _check_directory(root, name)
    except FileNotFoundError:
        if os.path.islink(root):
            raise PlashError(f"the store {root} is a broken link", _ELSEWHERE) from None
        return False
    except OSError as error:
        raise trouble("look at", root, error) from error
    return True


def _check_directory(root: str, name: str) -> None:
    try:
        mode = os.lstat(f"{root}/{name}").st_mode
    except FileNotFoundError:
        return
    except NotADirectoryError:  # its parent was checked before
        return
    if not stat.S_ISDIR(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "another kind of file"
        raise PlashError(
            f"{root}/{name} must be a directory, but is {kind}",
            "Put the directory itself there",
        )


def is_whole(root: str) -> bool:
    """Return whether a store is complete; raise PlashError if it cannot be a store."""
    if not check(root):
        return False
    try:
        counter = os.lstat(f"{root}/{COUNTER}").st_mode
    except OSError:
        return False
    there = all(os.path.isdir(f"{root}/{name}") for name in (*_DIRECTORIES, "index/0"))
    return there and stat.S_ISREG(counter)


def given_ids(root: str) -> int:
    """Return how many ids the store has assigned; 0 if unknown."""
    try:
        return os.lstat(f"{root}/{COUNTER}").st_size
    except OSError:
        return 0


def _is_foreign(root: str) -> bool:
    """Return whether a directory holds files but nothing of a store; as in layout.c."""
    names = set(os.listdir(root))
    return not names <= _LEFT and not names & {"index", "layer", COUNTER}


def is_store(root: str) -> bool:
    """Return whether there is a store, or what an interrupted init or purge left."""
    return check(root) and not _is_foreign(root)


def trouble(what: str, root: str, error: OSError) -> PlashError:
    """Return the error for a failure to read or write the store."""
    sentence = f"cannot {what} the store {root}: {error.strerror}"
    if isinstance(error, PermissionError):
        return PlashError(sentence, _owner(root) or _ELSEWHERE)
    return PlashError(sentence, _ELSEWHERE if what == "make" else "")


def _owner(root: str) -> str:
    name = _other_owner(root)
    return f"It belongs to the user {name}" if name else ""


def _other_owner(root: str) -> str:
    """Return the owner of the store; '' if it is this user's or missing."""
    try:
        uid = os.stat(root).st_uid
    except OSError:
        return ""
    if uid == os.geteuid():
        return ""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def is_anothers(root: str) -> bool:
    """Return whether we are root and the store is another user's; see store.h."""
    return os.geteuid() == 0 and bool(_other_owner(root))


def refuse_anothers(root: str) -> None:
    """Raise PlashError if this is root and the store belongs to another user."""
    who = _other_owner(root) if os.geteuid() == 0 else ""
    if who:
        raise PlashError(
            f"cannot write to the store {root} as root: it belongs to the user {who},"
            " who could not use or remove files of root",
            f"Run it as that user: setpriv --reuid={who} --regid={who} --init-groups"
            f" plash ..., or sudo -u {who} plash ...",
        )

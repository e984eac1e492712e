"""What is remembered from one command to the next: the session's last image, and
which image came of which words.

Both lie in the store's `memory/`, which the old program ignores. A remembered image
that is gone is forgotten.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from plashui.core.errors import PlashError
from plashui.core.meta import read_json, write_json
from plashui.core.note import born
from plashui.core.smallfile import make_private
from plashui.core.store import Store

_LAST: Final = "last-"
_MADE: Final = "made-"


def last(store: Store) -> int:
    """The image this session remembered last."""
    image = _recalled(store, _LAST + _session(os.getsid(0)))
    if image is None:
        raise PlashError(
            "this session remembers no image", "`plash recall VERB ...` remembers one"
        )
    return image


def remember(store: Store, image: int) -> None:
    """Make an image the session's last."""
    _forget_dead_sessions(store)
    _note(store, _LAST + _session(os.getsid(0)), image)


def made(store: Store, key: str) -> int | None:
    """The image that was kept under this key, if it is still there."""
    return _recalled(store, _MADE + key)


def keep(store: Store, key: str, image: int) -> None:
    """Keep which image came of what `key` stands for."""
    _note(store, _MADE + key, image)


def key_of(words: Iterable[str | bytes]) -> str:
    """A key for a list of words: any other list, or order, gives another."""
    digest = hashlib.sha256()
    for word in words:
        data = word if isinstance(word, bytes) else os.fsencode(word)
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def fingerprint(path: Path) -> str:
    """A digest of a file, or of a directory with all in it.

    It changes with any name, type, permission bit, link target or byte of content; not
    with times and owners. Raises PlashError where something cannot be read.
    """
    return key_of(_facts(path))


def _facts(top: Path) -> Iterator[str | bytes]:
    stack = [top]
    while stack:
        path = stack.pop()
        try:
            status = path.lstat()
            yield os.path.relpath(path, top)
            yield oct(status.st_mode)
            if stat.S_ISLNK(status.st_mode):
                yield os.readlink(path)
            elif stat.S_ISREG(status.st_mode):
                with path.open("rb") as file:
                    yield hashlib.file_digest(file, "sha256").digest()
            elif stat.S_ISDIR(status.st_mode):
                stack += sorted(path.iterdir(), reverse=True)
            else:
                yield str(status.st_rdev)
        except OSError as error:
            raise PlashError(f"cannot look at {path}: {error.strerror}") from error


def _recalled(store: Store, name: str) -> int | None:
    note = read_json(store.path / "memory" / name)
    image = note.get("image")
    if not isinstance(image, int):
        return None
    born = _born(store, image)
    if born is None or born != note.get("born"):
        return None
    return image


def _born(store: Store, image: int) -> int | None:
    """When an image's layer was made; None if it is gone."""
    try:
        return born(f"{store.root}/{store.layer(image)}")
    except PlashError:
        return None


def _note(store: Store, name: str, image: int) -> None:
    store.create()
    try:
        make_private(f"{store.root}/memory")
        note = {"image": image, "born": _born(store, image)}
        write_json(store.path / "memory" / name, note, durable=False)
    except OSError as error:
        raise PlashError(f"cannot write to the store: {error.strerror}") from error


def _session(leader: int) -> str:
    """What no other session is called: neither a later one nor one after a reboot."""
    try:
        fields = Path(f"/proc/{leader}/stat").read_bytes().rpartition(b")")[2].split()
        started = fields[19].decode()
    except (OSError, IndexError):
        started = "0"  # the leader has ended before its session
    return f"{leader}-{started}-{_boot()}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "0"


def _forget_dead_sessions(store: Store) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(store.path / "memory"):
            leader = name.removeprefix(_LAST).partition("-")[0]
            if not name.startswith(_LAST) or not leader.isdecimal():
                continue
            if not name.endswith(_boot()) or _ended(int(leader), name):
                (store.path / "memory" / name).unlink(missing_ok=True)


def _ended(leader: int, name: str) -> bool:
    """Whether a session's leader has ended (or its number is another's by now)."""
    return name != _LAST + _session(leader)

"""Leftovers in a store: links, names and marks of removed images, and abandoned work
directories.

A killed program never leaves half an image, but it may leave these. They are harmless:
no image consists of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from plashui.base import procfs
from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import calls
from plashui.processes import holders
from plashui.store import marks
from plashui.store.locks import is_locked
from plashui.store.metadata import DATA
from plashui.store.scan import image_ids
from plashui.store.store import Store
from plashui.store.workdir import maker_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_AT_ONCE: Final = 128
"""Work directories that are locked at once while they are removed."""

_STACKED: Final = "stack_"
"""The prefix in tmp/ of a work directory that is about to become an image:
stack_ID_MAKER."""


class Swept(NamedTuple):
    """The numbers of removed work directories and dead links.

    `trouble` is the first error, of something that could not be removed, for example
    because it belongs to another user.
    """

    directories: int = 0
    links: int = 0
    trouble: PlashError | None = None


def forget(store: Store, in_trash: Callable[[Store], set[int]]) -> int:
    """Remove links, names, marks and drafts; return the number of links and names.

    `in_trash` returns the images in the trash, which keep their marks.
    """
    _finish_stacked(store)
    try:
        known = set(image_ids(os.listdir(f"{store.root}/index")))
    except OSError:
        return 0
    there = store.read().images.keys()
    removed = _forget_links(store, known - there)
    gone = marks.marked(store) - known
    if gone:
        gone -= in_trash(store)
        # An image that was restored since has its link again.
        marks.forget(store, [image for image in gone if not _linked(store, image)])
    _forget_drafts(store.path / "memory")
    _forget_drafts(store.path / marks.WRITTEN)
    return removed


def _finish_stacked(store: Store) -> None:
    """Finish the images of a `stack` that was killed: see commit.c."""
    for name in store.entries("tmp"):
        image, _underscore, maker = name.removeprefix(_STACKED).partition("_")
        if not (name.startswith(_STACKED) and image.isdecimal() and maker):
            continue
        work = store.path / "tmp" / name
        with contextlib.suppress(PlashError, OSError), store.moving():
            if is_locked(work):
                continue
            if (work / DATA / "root").is_dir():
                work.rename(store.path / store.place(int(image)))
            else:
                work.rename(work.with_name(maker))


def _forget_links(store: Store, missing: set[int]) -> int:
    links = _dead(store, missing)
    if not links:
        return 0
    removed = 0
    with store.moving():  # a restore makes links before the image is there
        if not _an_image_is_being_made(store):
            for link in links:
                with contextlib.suppress(OSError):
                    if _leads_nowhere(link):  # checked again, under the lock
                        link.unlink()
                        removed += 1
    return removed


def remove(
    store: Store, *, report: Report = silent, cancel: Cancel | None = None
) -> Swept:
    """Remove the work directories of ended makers, each locked while it is removed."""
    removed, trouble = 0, None
    for some in _pieces(left_behind(store)):
        with _held(store, some) as names:
            try:
                calls.remove(store.path, names, report=report, cancel=cancel)
            except PlashError as error:
                trouble = trouble or error
            removed += sum(not os.path.lexists(store.path / "tmp" / n) for n in names)
    return Swept(removed, 0, trouble)


def left_behind(store: Store) -> list[str]:
    """Return the names in tmp/ of work directories whose makers have ended.

    The pid in a name means nothing if the maker is in another pid namespace, such as
    that of a container that uses the store. Therefore directories that are locked, or
    that a mount writes to, are not returned.
    """
    dead = [name for name in store.entries("tmp") if _owner_is_gone(name)]
    if not dead:
        return []
    used = holders.work_dirs_in_use(store.root)
    dead = [name for name in dead if name not in used]
    found: list[str] = []
    for some in _pieces(dead):
        with _held(store, some) as free:
            found += free
    return found


@contextlib.contextmanager
def kept_from_sweeps(paths: Iterable[Path]) -> Iterator[None]:
    """Lock paths for the block, which moves them to tmp/ and perhaps back.

    The lock keeps off sweeps in another pid namespace, where our pid means nothing.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.ExitStack() as stack:
        for path in islice(paths, _AT_ONCE):
            with contextlib.suppress(OSError):
                lock = os.open(path, flags)
                stack.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(names), _AT_ONCE):
        yield names[at : at + _AT_ONCE]


@contextlib.contextmanager
def _held(store: Store, names: Iterable[str]) -> Iterator[Sequence[str]]:
    """Lock the given names in tmp/ for the block, without those locked by others."""
    with contextlib.ExitStack() as stack:
        found: list[str] = []
        for name in names:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            try:
                lock = os.open(store.path / "tmp" / name, flags)
            except FileNotFoundError:
                continue
            except OSError:  # a link, or unreadable: not a work directory in use
                found.append(name)
                continue
            stack.callback(os.close, lock)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.append(name)
        yield found


def _owner_is_gone(name: str) -> bool:
    maker = maker_of(name)
    return maker is not None and not procfs.is_alive(*maker)


def _an_image_is_being_made(store: Store) -> bool:
    """Return whether a dangling link may soon lead to an image.

    Both plash programs complete a work directory, with `_data` in it, before they make
    the link and move the directory to its target.
    """
    whole = {path.parent.name for path in store.path.glob(f"tmp/*/{DATA}")}
    return bool(whole - set(left_behind(store))) if whole else False


def _linked(store: Store, image: int) -> bool:
    return (store.path / "index" / str(image)).is_symlink()


def _dead(store: Store, missing: set[int]) -> list[Path]:
    """Return the dangling links in index/ and map/."""
    links = [store.path / "index" / str(image) for image in missing]
    for image, names in store.names().items():
        if image in missing or not _linked(store, image):
            links += [store.path / store.name_link(name) for name in names]
    found: list[Path] = []
    for link in links:
        with contextlib.suppress(OSError):
            if _leads_nowhere(link):
                found.append(link)
    return found


def _leads_nowhere(link: Path) -> bool:
    """Return whether a link is dangling; raise OSError if that is unknown."""
    try:
        link.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    return False


def _forget_drafts(directory: Path) -> None:
    """Remove files `NAME.PID.new` that killed processes did not rename."""
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            pid = name.removesuffix(".new").rpartition(".")[2]
            is_one = name.endswith(".new") and pid.isdecimal()
            if is_one and not os.path.exists(f"/proc/{pid}"):
                (directory / name).unlink()

"""A directory of this machine is copied into an image; it stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple

from plashui.core import subids
from plashui.core.errors import PlashError
from plashui.core.progress import Cancel, Progress, Report, silent
from plashui.core.store import Store
from plashui.images.pack import Packed, pack_directory
from plashui.images.tarball import Imported, empty_layer, make_image
from plashui.images.unpack import Wording, unpack


class Copied(NamedTuple):
    """The new image, and what is not as it was.

    `strangers` counts what belonged to other users of the machine and is root's now;
    `mounts` are the paths of what was mounted in the directory, which is left out.
    """

    image: Imported
    strangers: int
    mounts: tuple[str, ...]


def import_directory(
    store: Store,
    directory: Path,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Copied:
    """Make an image of a copy of a directory tree, faithful to the last attribute.

    As a plain user: his own files become root's, those of his subordinate ids keep
    the number they have inside, and everybody else's become root's.
    """
    try:
        real = directory.resolve(strict=True)
        os.stat(real / ".")
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is a loop of links"
        raise PlashError(f"cannot read {directory}: {why}") from error
    with store.workdir() as work:
        _refuse_to_copy_itself(real, work.path.resolve(), store)
        strangers = 0
        if os.geteuid() != 0:
            strangers = _count_strangers(real, subids.ours(), report, cancel)
        data = empty_layer(work)
        done = 0
        packed = Packed(())

        def feed(pipe: IO[bytes]) -> None:
            def write(piece: bytes) -> None:
                nonlocal done
                pipe.write(piece)
                done += len(piece)

            nonlocal packed
            packed = pack_directory(
                real, write, strangers_to_root=strangers > 0, cancel=cancel
            )

        def tick() -> None:
            report(Progress(f"copying {directory}", done, None, "bytes"))

        wording = Wording(f"copy {directory}")
        unpacked = unpack(data, feed, wording=wording, on_tick=tick, cancel=cancel)
        image = make_image(store, work, unpacked, str(directory), cancel)
        return Copied(image, strangers, packed.mounts)


def _refuse_to_copy_itself(real: Path, work: Path, store: Store) -> None:
    """The copy must not be part of what is copied. (Other mounts are not entered.)"""
    if real in work.parents and real.stat().st_dev == work.stat().st_dev:
        raise PlashError(
            f"{real} holds the store {store.path} itself",
            "Choose a directory beside it, or another store with PLASH_DATA",
        )


def _count_strangers(
    top: Path, ours: subids.Ours, report: Report, cancel: Cancel | None
) -> int:
    """How much in a tree belongs to ids that have no number in our namespace.

    Only from outside it can be told who they are. What we may not look at here belongs
    to our subordinate ids, or copying will say that it cannot be read.
    """
    count = looked = 0
    device = top.stat().st_dev
    stack = [str(top)]
    count += not _is_ours(os.lstat(top), ours)
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    facts = entry.stat(follow_symlinks=False)
                    count += not _is_ours(facts, ours)
                    looked += 1
                    same = facts.st_dev == device
                    if same and entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
        except OSError:
            continue
        if cancel is not None:
            cancel.check()
        report(Progress(f"looking at {top}", looked, None, "files"))
    return count


def _is_ours(facts: os.stat_result, ours: subids.Ours) -> bool:
    return _within(facts.st_uid, ours.users) and _within(facts.st_gid, ours.groups)


def _within(number: int, ranges: Iterable[range]) -> bool:
    return any(number in part for part in ranges)

"""Unpacking a tar stream into a directory, confined by the helper."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.units import plural, thousands
from plashui.helper import process, recipe, subids
from plashui.helper.subids import Owners

if TYPE_CHECKING:
    from typing import IO, Any, Final

_NO_ROOM: Final = ("ENOSPC", "EDQUOT")
_FULL_STORE: Final = "Free some space: `plash trash --empty` and `plash df` help"


class Unpacked(NamedTuple):
    """What could not be extracted faithfully, and how ids were mapped.

    `lost` counts extended attributes and access lists that the file system, or the
    user's ids, cannot hold. `map` is "root", "full", "single" or "none". `unset`
    counts files that lost a setuid or setgid bit, `owners` those whose owners are
    kept in an attribute. `recipe`: the exact tar of a layer can be made again.
    """

    skipped_devices: int
    lost: int
    map: str
    unset: int = 0
    owners: int = 0
    recipe: bool = False

    def remarks(self) -> list[str]:
        """Return what could not be extracted, for people."""
        return remarks(self.skipped_devices, self.lost, self.owners)


def remarks(skipped_devices: int, lost: int, owners: int = 0) -> list[str]:
    """Describe what could not be made as it is in a tar, for people."""
    found = []
    if skipped_devices:
        found.append(f"{plural(skipped_devices, 'device node')} left out")
    if lost:
        found.append(f"{plural(lost, 'attribute')} could not be kept")
    if owners:
        keep = "file keeps its owner" if owners == 1 else "files keep their owners"
        why = "since you have only one id"
        found.append(f"{thousands(owners)} {keep} as an attribute, {why}")
    return found


class Wording(NamedTuple):
    """The wording of errors: "cannot DO: …", and the remedy for a full disk."""

    do: str = "extract the tar"
    full: str = _FULL_STORE


def unpack(
    directory: int,
    source: IO[bytes] | Callable[[IO[bytes]], None],
    *,
    wording: Wording | None = None,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
    lock: int | None = None,
    unset_ids: bool = False,
) -> Unpacked:
    """Unpack an uncompressed tar: a file, or what a function writes to a pipe.

    `directory` is a descriptor, because others could change a path. The helper
    inherits `lock`, the lock of its work directory, and holds it if this process is
    killed. With `unset_ids` no extracted file is setuid or setgid.
    Raises PlashError if anything but device nodes and attributes cannot be extracted;
    files extracted before that stay in the directory.
    """
    options = ["--unset-ids"] if unset_ids else []
    words = ["engine:extract", *options, f"/proc/self/fd/{directory}/."]
    passed = [directory] if lock is None else [directory, lock]
    return _extract(words, passed, source, wording or Wording(), on_tick, cancel)


def unpack_layer(
    directory: int,
    notes: int,
    feed: Callable[[IO[bytes]], None],
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
    lock: int | None = None,
    lasts: bool = True,
) -> Unpacked:
    """Unpack the tar of a layer of an image, which `feed` writes, into a directory.

    What the layer deletes of those below becomes whiteouts. `notes` is the directory
    for `implied`, the directories that the tar leaves out, and the recipe, from which
    pack_layer makes the exact tar again. Unless it `lasts`, nobody waits for the disk.
    See `unpack` for the rest.
    """
    places = [f"/proc/self/fd/{one}/." for one in (notes, directory)]
    options = [] if lasts else ["--unsynced"]
    words = ["engine:extract", *options, "--layer", *places]
    passed = [directory, notes] if lock is None else [directory, notes, lock]
    with recipe.written(notes) as write:
        done = _extract(words, passed, feed, Wording(), on_tick, cancel, write)
    if not done.recipe:
        recipe.remove(notes)
    return done


def _extract(
    words: Sequence[str],
    passed: Sequence[int],
    source: IO[bytes] | Callable[[IO[bytes]], None],
    wording: Wording,
    on_tick: Callable[[], None] | None,
    cancel: Cancel | None,
    on_data: Callable[[bytes], None] | None = None,
) -> Unpacked:
    found: dict[str, Any] = {}

    def status(event: dict[str, Any]) -> None:
        if event.get("ev") in ("ready", "extracted", "beyond"):
            found.update(event)
        elif event.get("ev") == "error":
            found.setdefault("errno", event.get("errno"))

    feed, stdin = (source, None) if callable(source) else (None, source)
    outcome = process.call(
        words,
        feed=feed,
        stdin=stdin,
        on_status=status,
        on_data=on_data,
        on_tick=on_tick,
        cancel=cancel,
        pass_fds=passed,
    )
    if outcome.status or found.get("ev") != "extracted":
        if cancel is not None:
            cancel.check()
        raise _trouble(outcome, found, wording)
    return Unpacked(
        skipped_devices=int(found.get("devices", 0)),
        lost=int(found.get("attributes", 0)),
        map=str(found.get("map", "none")),
        unset=int(found.get("unset", 0)),
        owners=int(found.get("owners", 0)),
        recipe=bool(found.get("recipe")),
    )


def _trouble(
    outcome: process.Outcome, found: Mapping[str, Any], wording: Wording
) -> PlashError:
    """Return the error for what the helper said, with what to do about it."""
    if found.get("ev") == "beyond":
        return _beyond(found, wording)
    error = process.failure(outcome, "extracting")
    sentence = str(error).replace("cannot extract the tar:", f"cannot {wording.do}:", 1)
    full = found.get("errno") in _NO_ROOM
    return PlashError(sentence, wording.full if full else error.remedy)


def _beyond(found: Mapping[str, Any], wording: Wording) -> PlashError:
    """Return the error for files with ids that the user does not have.

    It names the first file; the remedy covers all of them.
    """
    ours = subids.mapped()
    owner = Owners(found["uid"], found["gid"])
    most = Owners(found["most_uid"], found["most_gid"])
    parts = [
        f"{kind} id {number}, beyond the {thousands(there)} you have"
        for kind, number, there in zip(("user", "group"), owner, ours, strict=True)
        if number >= there
    ]
    who = " and ".join(parts) or f"user id {owner.user} and group id {owner.group}"
    path = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in found["path"])
    more = f" (and {found['files'] - 1} more)" if found["files"] > 1 else ""
    sentence = f"cannot {wording.do}: {path} belongs to {who}{more}"
    return PlashError(sentence, subids.more(most, ours, uid=os.getuid()))

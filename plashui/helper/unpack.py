"""Unpacking a tar stream into a directory, confined by the helper."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.base.units import plural, thousands
from plashui.helper import process, subids
from plashui.helper.gnu_tar import first_of, is_own, said
from plashui.helper.subids import Owners

if TYPE_CHECKING:
    from typing import IO, Any, Final

# GNU tar with LC_ALL=C: `tar: ./f: Cannot change ownership to uid 7, gid 8: …`.
_NO_OWNER: Final = re.compile(
    r"(.*): Cannot change ownership to uid (\d+), gid (\d+): Invalid argument"
)
_NO_REASON: Final = re.compile("WARNING|^Extracting contiguous files as regular files$")
"""Messages about files that tar extracts all the same."""
_NO_ROOM: Final = re.compile("No space left on device|Disk quota exceeded")
_FULL_STORE: Final = "Free some space: `plashui trash --empty` and `plashui df` help"


class Unpacked(NamedTuple):
    """What could not be extracted faithfully, and how ids were mapped.

    `lost` counts extended attributes and access lists that the file system, or the
    user's ids, cannot hold. `map` is "root", "full", "single" or "none". `unset`
    counts files that lost a setuid or setgid bit, `owners` those whose owners are
    kept in an attribute.
    """

    skipped_devices: int
    lost: int
    map: str
    unset: int = 0
    owners: int = 0

    def remarks(self) -> list[str]:
        """Return what could not be extracted, for people."""
        return remarks(self.skipped_devices, self.lost)


def remarks(skipped_devices: int, lost: int) -> list[str]:
    """Describe skipped device nodes and lost attributes, for people."""
    found = []
    if skipped_devices:
        found.append(f"{plural(skipped_devices, 'device node')} left out")
    if lost:
        found.append(f"{plural(lost, 'attribute')} could not be kept")
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

    `directory` is a descriptor, because others could change a path. tar inherits
    `lock`, the lock of its work directory, and holds it if this process is killed.
    With `unset_ids` no extracted file is setuid or setgid.
    Raises PlashError if anything but device nodes and attributes cannot be extracted;
    files extracted before that stay in the directory.
    """
    kind, skipped, lost, unset = "none", 0, 0, 0

    def status(event: dict[str, Any]) -> None:
        nonlocal kind, skipped, lost, unset
        if event.get("ev") == "ready":
            kind = str(event.get("map"))
        elif event.get("ev") == "extracted":
            skipped, lost = int(event["devices"]), int(event["attributes"])
            unset = int(event["unset"])

    options = ["--unset-ids"] if unset_ids else []
    feed, stdin = (source, None) if callable(source) else (None, source)
    outcome = process.call(
        ["engine:extract", *options, f"/proc/self/fd/{directory}/."],
        feed=feed,
        stdin=stdin,
        on_status=status,
        on_tick=on_tick,
        cancel=cancel,
        pass_fds=[directory] if lock is None else [directory, lock],
    )
    if outcome.status:
        raise _trouble(outcome, wording or Wording())
    return Unpacked(skipped, lost, kind, unset)


def unpack_layer(
    directory: int,
    notes: int,
    feed: Callable[[IO[bytes]], None],
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
    lock: int | None = None,
) -> Unpacked:
    """Unpack the tar of a layer of an image, which `feed` writes, into a directory.

    What the layer deletes of those below becomes whiteouts. `notes` is the directory
    for `implied`, the directories that the tar leaves out, and `recipe`, from which
    the exact tar can be made again. See `unpack` for the rest.
    """
    found: dict[str, Any] = {}

    def status(event: dict[str, Any]) -> None:
        if event.get("ev") in ("ready", "extracted"):
            found.update(event)

    passed = [directory, notes] if lock is None else [directory, notes, lock]
    places = [f"/proc/self/fd/{one}/." for one in (notes, directory)]
    outcome = process.call(
        ["engine:extract", "--layer", *places],
        feed=feed,
        on_status=status,
        on_tick=on_tick,
        cancel=cancel,
        pass_fds=passed,
    )
    if outcome.status:
        raise process.failure(outcome, "extracting the layer")
    keys = ("devices", "attributes", "unset", "owners")
    devices, lost, unset, owners = (int(found.get(key, 0)) for key in keys)
    return Unpacked(devices, lost, str(found.get("map")), unset, owners)


def _trouble(outcome: process.Outcome, wording: Wording) -> PlashError:
    """Return the error for tar's messages."""
    errors = [line for line in said(outcome) if not _NO_REASON.search(line)]
    if not errors or is_own(errors[-1]):
        return process.failure(outcome, "extracting")
    owners = [found for line in errors if (found := _NO_OWNER.fullmatch(line))]
    if owners:
        return _beyond(owners, wording)
    # On a full disk, the first message only says that a file was cut.
    errors.sort(key=lambda line: _NO_ROOM.search(line) is None)
    sentence = f"cannot {wording.do}: {first_of(errors)}"
    return PlashError(sentence, _remedy(errors, wording))


def _beyond(complaints: Sequence[re.Match[str]], wording: Wording) -> PlashError:
    """Return the error for files with ids that the user does not have.

    It names the first file; the remedy covers all of them.
    """
    ours = subids.mapped()
    path, *_ids = complaints[0].groups()
    all_owners = [Owners(int(c[2]), int(c[3])) for c in complaints]
    owner, most = all_owners[0], Owners(*map(max, zip(*all_owners, strict=True)))
    parts = [
        f"{kind} id {number}, beyond the {thousands(there)} you have"
        for kind, number, there in zip(("user", "group"), owner, ours, strict=True)
        if number >= there
    ]
    who = " and ".join(parts) or f"user id {owner.user} and group id {owner.group}"
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    sentence = f"cannot {wording.do}: {path} belongs to {who}{more}"
    return PlashError(sentence, subids.more(most, ours, uid=os.getuid()))


def _remedy(errors: Sequence[str], wording: Wording) -> str:
    text = "\n".join(errors)
    if "does not look like a tar" in text:
        return "Give a tar of a root filesystem, plain or compressed"
    if "Unexpected EOF" in text:
        return "The archive is incomplete: get it again"
    if "memory exhausted" in text:
        return "A header claims a huge size: the archive is damaged or malicious"
    if _NO_ROOM.search(text):
        return wording.full
    return ""

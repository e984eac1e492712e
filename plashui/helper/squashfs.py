"""Making a squashfs of an image: mksquashfs of this machine, in the mounted image."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.helper import process
from plashui.helper.listing import Entry, entries_with

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO, Final

PROGRAM: Final = "mksquashfs"
REMEDY: Final = "Install the package squashfs-tools"

COMPRESSIONS: Final[dict[str, tuple[str, ...]]] = {
    # Level 15, mksquashfs's own, takes many times as long for 6 % less.
    "zstd": ("-comp", "zstd", "-Xcompression-level", "6"),
    "gzip": ("-comp", "gzip", "-Xcompression-level", "6"),
    "lz4": ("-comp", "lz4"),
    "xz": ("-comp", "xz"),
    "none": ("-noI", "-noD", "-noF", "-noX"),
}
"""The options of mksquashfs for each compression."""

_OWNER: Final = "user.containers.override_stat"
_OURS: Final = rf"^user\.(overlay|fuseoverlayfs)\.|^{re.escape(_OWNER)}$"
"""Extended attributes that are marks in the store and no part of the image."""
_MOST_PROCESSORS: Final = 4
"""Each takes some megabytes."""


def find_mksquashfs() -> str | None:
    """Return the path of the program; None if it is not installed."""
    import shutil

    return shutil.which(PROGRAM)


def make_squashfs(
    store: Path,
    image: int,
    file: int,
    extra: bytes,
    *,
    compression: str,
    time: int,
    on_tick: Callable[[], None],
    cancel: Cancel | None = None,
) -> None:
    """Write the root of an image as a squashfs to an open file.

    `extra` are files that it gets beside its own, as engine:with takes them. `time` in
    epoch seconds is when they and the squashfs were made.
    """
    path = find_mksquashfs()
    if path is None:
        raise PlashError(f"cannot make a squashfs: {PROGRAM} is not installed", REMEDY)
    with open(os.memfd_create("owners"), "wb", buffering=0) as owners:
        # Whoever lacks ids keeps the owners of files in attributes.
        if os.geteuid() != 0:
            for line in _owners(entries_with(store, image, _OWNER)):
                owners.write(line)
        command = [path, ".", f"/proc/self/fd/{file}", *_options(path, compression)]
        command += ["-pf", f"/proc/self/fd/{owners.fileno()}"]
        command += ["-mkfs-time", str(time)]
        words = ["engine:with", "--files", "--time", str(time), str(store), str(image)]
        outcome = process.call(
            [*words, "--", *command],
            feed=lambda pipe: _feed(pipe, extra),
            on_tick=on_tick,
            cancel=cancel,
            pass_fds=[file, owners.fileno()],
            environment=_environment(),
        )
    if outcome.status:
        raise _failure(image, outcome)


def _feed(pipe: IO[bytes], extra: bytes) -> None:
    pipe.write(extra)


def _environment() -> dict[str, str]:
    """Return ours without the time that mksquashfs would take, too."""
    return {key: os.environ[key] for key in os.environ if key != "SOURCE_DATE_EPOCH"}


def _options(path: str, compression: str) -> list[str]:
    usable = min(_MOST_PROCESSORS, len(os.sched_getaffinity(0)))
    options = ["-noappend", "-no-exports", "-exit-on-error", "-no-progress", "-quiet"]
    # The smallest that it takes; more does not make it faster.
    options += ["-mem", "16M", "-processors", str(usable), *COMPRESSIONS[compression]]
    return [*options, "-xattrs-exclude", _OURS] if _can_exclude(path) else options


def _can_exclude(path: str) -> bool:
    """Return whether mksquashfs can leave out attributes: since version 4.6."""
    import subprocess

    process.wait_for_children()
    try:
        done = subprocess.run([path, "-version"], capture_output=True, check=False)
    except OSError as error:
        raise PlashError(f"cannot start {PROGRAM}: {error.strerror}") from error
    found = re.search(rb"version (\d+)\.(\d+)", done.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= (4, 6)


def _owners(entries: list[Entry]) -> Iterator[bytes]:
    """Yield mksquashfs's definitions of the owners that attributes keep."""
    for entry in entries:
        kept = bytes.fromhex(dict(entry.attributes)[_OWNER]).decode("ascii", "replace")
        uid, _colon, rest = kept.partition(":")
        gid = rest.partition(":")[0]
        if not (uid.isdecimal() and gid.isdecimal()) or (entry.uid or entry.gid):
            continue
        if "\n" in entry.name:
            raise PlashError(
                f"cannot make a squashfs: {entry.name!r} has a newline in its name",
                "`plash push:tarfile` can hold it",
            )
        name = b'"/' + re.sub(rb'(["\\])', rb"\\\1", os.fsencode(entry.name)) + b'"'
        yield name + f" m {entry.mode:o} {uid} {gid}\n".encode()


def _failure(image: int, outcome: process.Outcome) -> PlashError:
    """Return the error for a mksquashfs that failed: the first thing it said."""
    lines = [line for line in outcome.stderr.splitlines() if line.strip()]
    if any(line.startswith("plash error: ") for line in lines) or not lines:
        return process.failure(outcome, f"making a squashfs of image {image}")
    first = lines[0].removeprefix("FATAL ERROR:").strip().rstrip(".")
    return PlashError(f"cannot make a squashfs of image {image}: {first}")

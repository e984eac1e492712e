"""The helper's verbs for programs (`engine:*`) as Python functions.

`listing` has the one that lists files, `usage` the one that counts, `deleting` has
those that delete, `pack` and `unpack` those for tars.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.helper import process
from plashui.helper.decode import understood

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO, Any, Literal


class Piece(NamedTuple):
    """A step in making a layer of others; engine/gather.c explains the words."""

    what: Literal["d", "f", "h", "w", "o", "="]
    of: str
    path: str


class Mounted(NamedTuple):
    """A mounted image as descriptors, which the caller closes.

    `mount` and `root` are its root directory, opened with O_PATH and for reading.
    `locks` protect the image from removal and its changes from other runs. `uids` and
    `gids` are ranges (inside, outside, count); None if there are too many to report.
    """

    mount: int
    root: int
    locks: tuple[int, ...]
    uids: list[tuple[int, int, int]] | None
    gids: list[tuple[int, int, int]] | None


class User(NamedTuple):
    """A process or mount that uses an image of a store.

    `how` is "run" (a process in the image), "old" (a process in a run of the old
    program), "lock" (a process that holds the image's lock) or "mount" (a mount at
    `place` that all processes see, with the pid 0).
    """

    image: int
    how: str
    pid: int
    command: str
    plash: bool
    """Whether the process is a helper that waits for a command."""
    work: str
    """The name of a run's work directory in the store's tmp/, else ''."""
    place: str


def users(store: str | Path) -> list[User]:
    """List the users of the store's images that this user may see."""
    import json

    outcome = process.call(["engine:users", str(store)])
    if outcome.status:
        raise process.failure(outcome, "listing the users of images")
    with understood("listing the users of images"):
        return [User(**json.loads(line)) for line in outcome.stdout.splitlines()]


def lock_words(lock: int | None) -> list[str]:
    """Return the helper's option for a lock held on a work directory.

    The caller also passes the descriptor to the helper; see changes_claim in C.
    """
    return [] if lock is None else ["--lock-fd", str(lock)]


def make_store(store: str) -> None:
    """Create the store, or its missing parts."""
    _on(store, ["init"], "making the store")


def set_name(store: str, name: str, image: int, *, take: bool) -> None:
    """Name an image. Without `take`, raise PlashError if another image has the name."""
    force = ["--force"] if take else []
    _on(store, ["map", *force, name, str(image)], f"naming image {image}")


def delete_name(store: str, name: str) -> None:
    """Delete a name; harmless if it does not exist."""
    _on(store, ["map", name, ""], "deleting the name")


def _on(store: str, words: Sequence[str], what: str) -> None:
    """Run a command-line verb on this store; raise PlashError if it fails."""
    environment = {**os.environ, "PLASH_DATA": store}
    outcome = process.call(words, environment=environment)
    if outcome.status:
        raise process.failure(outcome, what)


def commit(
    store: Path,
    parent: int,
    name: str,
    origin: str,
    more: Mapping[str, object],
    *,
    lock: int | None = None,
    implied: Path | None = None,
    lasts: bool = True,
) -> int:
    """Turn the work directory `name` into a child of `parent`; return the new id.

    `origin` and `more` become metadata of the image. `lock` is the caller's lock on
    the work directory, if it holds one. For `implied` see operations.build.commit.
    Unless the image `lasts`, nobody waits for the disk.
    """
    import json

    options = [*lock_words(lock), "--origin", origin.replace("\0", "")]
    options += ["--more"] if more else []
    options += ["--implied", str(implied)] if implied else []
    options += [] if lasts else ["--unsynced"]
    metadata = json.dumps(more).encode()

    def feed(pipe: IO[bytes]) -> None:
        pipe.write(metadata)

    outcome = process.call(
        ["engine:commit", *options, str(store), str(parent), name],
        feed=feed if more else None,
        pass_fds=[] if lock is None else [lock],
    )
    if outcome.status:
        raise process.failure(outcome, "making the image")
    with understood("making the image"):
        return int(outcome.stdout)


def mountfd(store: Path, image: int) -> Mounted:
    """Mount an image that only this process sees, until it closes the descriptors.

    Nothing can be written to it.
    """
    import json
    import socket

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        options = ["--sock", str(theirs.fileno())]
        words = ["engine:mountfd", *options, str(store), str(image)]
        outcome = process.call(words, pass_fds=[theirs.fileno()])
        if outcome.status:
            raise process.failure(outcome, f"mounting image {image}")
        ours.setblocking(False)
        try:
            text, descriptors, _flags, _from = socket.recv_fds(ours, 4096, 4)
        except BlockingIOError:
            text, descriptors = b"", []
    with understood(f"mounting image {image}"):
        message = json.loads(text)
        mount, root, *locks = descriptors
        ids = (_ranges(message.get(key)) for key in ("uids", "gids"))
        return Mounted(mount, root, tuple(locks), *ids)


class Account(NamedTuple):
    """As whom an image wants to be run: ids, and what its passwd and environment say.

    `home` is "/" and `shell` "" where it has no entry. `map` is what ids of the image
    can be here: "root" (all), "full" (subordinate ids) or "single" (only root);
    `uids` and `gids` are then ranges (inside, outside, count).
    """

    uid: int
    gid: int
    groups: list[int]
    home: str
    shell: str
    path: str
    map: str
    uids: list[tuple[int, int, int]]
    gids: list[tuple[int, int, int]]


def account(store: Path, image: int) -> Account:
    """Find out as whom an image wants to be run, as an isolated run does."""
    import json

    what = f"looking up the user of image {image}"
    outcome = process.call(["engine:account", str(store), str(image)])
    if outcome.status:
        raise process.failure(outcome, what)
    with understood(what):
        told = json.loads(outcome.stdout)
        told |= {key: _ranges(told.get(key)) or [] for key in ("uids", "gids")}
        return Account(**told)


def _ranges(text: str | None) -> list[tuple[int, int, int]] | None:
    if text is None:
        return None
    numbers = [int(word) for word in text.split(":")]
    return list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))


def gather(
    store: Path,
    image: int,
    name: str,
    pieces: Iterable[Piece],
    *,
    on_status: process.Status | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Fill `data` of the work directory `name` with pieces of an image's layers."""

    def feed(pipe: IO[bytes]) -> None:
        for piece in pieces:
            pipe.write(os.fsencode("\0".join(piece) + "\0"))

    words = ["engine:gather", str(store), str(image), name]
    outcome = process.call(words, feed=feed, on_status=on_status, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, "assembling the layer")


class Transfer(NamedTuple):
    """One step in moving a part of unsaved changes; split.c explains the letters."""

    what: Literal["o", "d", "m"]
    path: str


def split(
    store: Path,
    image: int,
    source: str,
    target: str,
    steps: Iterable[Transfer],
    *,
    locks: Sequence[int] = (),
) -> None:
    """Move parts of unsaved changes from one directory to another.

    Both are relative to the store, and their `locks` are held until the helper ends.
    """
    words = [os.fsencode("".join(step) + "\0") for step in steps]
    if not words:
        return

    def feed(pipe: IO[bytes]) -> None:
        pipe.write(b"".join(words))

    call = ["engine:split", str(store), str(image), source, target]
    outcome = process.call(call, feed=feed, pass_fds=locks)
    if outcome.status:
        raise process.failure(outcome, "splitting the changes")


def read_file(
    store: Path,
    image: int,
    path: str,
    take: Callable[[bytes], object],
    *,
    offset: int = 0,
    length: int | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Pass a file's bytes to `take`, piece by piece, as the image's root reads them."""
    options = ["--offset", str(offset)] if offset else []
    options += ["--length", str(length)] if length is not None else []
    words = ["engine:read", *options, str(store), str(image), path]
    outcome = process.call(words, on_data=take, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, f"reading {path}")


def probe(store: Path | None) -> dict[str, Any]:
    """Return what the kernel and this system allow, as the helper found by trying."""
    import json

    outcome = process.call(["engine:probe", *([str(store)] if store else [])])
    if outcome.status:
        raise process.failure(outcome, "probing")
    with understood("probing"):
        found: dict[str, Any] = json.loads(outcome.stdout)
        return {**found}

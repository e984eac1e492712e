"""What is asked of the kernel: the helper's verbs for programs, as functions."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper import process
from plashui.helper.decode import understood
from plashui.model.forest import Usage

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO, Any, Final, Literal

_ARGUMENTS: Final = 96 * 1024  # bytes of operands given to one helper
_FIELDS: Final = 13  # of a record of engine:list; see list.c


class Entry(NamedTuple):
    """One name in a directory of an image, as the image's root sees it.

    `kind` is as `ls` has it (- d l c b p s), or w for a whiteout; `mode` the permission
    bits; `size` and `allocated` are bytes, `mtime` is nanoseconds since 1970.
    """

    name: str
    """Bytes that are no UTF-8 are in it as surrogates (os.fsencode gives them back)."""
    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    allocated: int
    mtime: int
    device: tuple[int, int] | None = None
    """Major and minor number of a device node."""
    target: str = ""
    """Where a symbolic link leads."""
    opaque: bool = False
    """The directory hides those of lower layers; only of a layer's own."""
    links: int = 0
    """What all names of one file have in common, else 0; only of list_tree."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Those that are extended and not the overlay's own, sorted, the values in
    hexadecimal; only of list_tree."""


class Piece(NamedTuple):
    """One step in making a layer of others; gather.c says what each word means."""

    what: Literal["d", "f", "h", "w", "o", "="]
    of: str
    path: str


class Mounted(NamedTuple):
    """An image as descriptors. All are the caller's to close.

    `mount` and `root` are both its root directory, one as a mere place (O_PATH), one
    to be read. `locks` keep the image from being removed and its changes from others.
    `uids` and `gids` are ranges (inside, outside, how many); None if there are too many
    to tell.
    """

    mount: int
    root: int
    locks: tuple[int, ...]
    uids: list[tuple[int, int, int]] | None
    gids: list[tuple[int, int, int]] | None


class User(NamedTuple):
    """Something that uses an image of a store.

    `how` is "run" (a process in it), "old" (the same, of the old program), "lock" (a
    process that holds its lock) or "mount" (`pid` 0: a mount at `place` that all see).
    """

    image: int
    how: str
    pid: int
    command: str
    plash: bool
    """It is the helper that waits for a command, not the command."""
    work: str
    """The name of the changes' directory in the store's tmp/, if a run's."""
    place: str


def users(store: str | Path) -> list[User]:
    """Who uses which image of the store, as far as we may see."""
    import json

    outcome = process.call(["engine:users", str(store)])
    if outcome.status:
        raise process.failure(outcome, "looking who uses the images")
    with understood("looking who uses the images"):
        return [User(**json.loads(line)) for line in outcome.stdout.splitlines()]


def remove(
    store: Path,
    names: Sequence[str],
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Delete these entries of the store's tmp/, whoever their files belong to."""
    if not names:
        return

    def progress(event: dict[str, Any]) -> None:
        if event.get("ev") == "progress":
            report(Progress("removing", int(event["files"]), None, "files"))

    words = ["engine:remove", str(store), *names]
    outcome = process.call(words, on_status=progress, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, "removing")


def usage(
    store: str | Path,
    paths: Sequence[str],
    found: Callable[[str, Usage], None],
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Count the disk use of directories given relative to the store.

    `found` gets each as soon as it is counted; one that is gone by now is left out.
    """
    import json

    for batch in _batches(paths):

        def line(data: bytes, batch: list[str] = batch) -> None:
            with understood("counting"):
                value = json.loads(data)
                path = batch[value["n"]]
                if value.get("missing"):
                    return
                counted = Usage(value["allocated"], value["apparent"], value["files"])
            found(path, counted)

        words = ["engine:usage", str(store), *batch]
        outcome = process.call(words, on_line=line, on_tick=on_tick, cancel=cancel)
        if outcome.status:
            raise process.failure(outcome, "counting")
        if outcome.stdout:  # it ended in the middle of a line
            line(outcome.stdout)


@contextlib.contextmanager
def usage_beside_layers(
    store: str | Path, paths: Sequence[str], kept: str | None
) -> Iterator[Callable[[], dict[str, int]]]:
    """Count what these take without the contents of images, while the block runs.

    The path "." is the store without what is a path of its own. The block gets a
    function that waits for the bytes of each; one that is gone by now takes none.
    `kept` is the file in which the helper keeps what it need not look for again.
    """
    import json

    options = ["--beside-layers", *(["--kept", kept] if kept else [])]
    words = ["engine:usage", *options, str(store), *paths]
    with process.meanwhile(words) as ended:

        def counted() -> dict[str, int]:
            outcome = ended()
            if outcome.status:
                raise process.failure(outcome, "counting")
            with understood("counting"):
                found = map(json.loads, outcome.stdout.splitlines())
                return {paths[one["n"]]: one.get("allocated", 0) for one in found}

        yield counted


def _batches(paths: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    room = _ARGUMENTS
    for path in paths:
        if batch and (room < len(path) + 9 or len(batch) >= 256):
            yield batch
            batch, room = [], _ARGUMENTS
        batch.append(path)
        room -= len(path) + 9
    if batch:
        yield batch


def lock_words(lock: int | None) -> list[str]:
    """How the helper is told of a lock on a work directory; see changes_claim in C.

    The descriptor must be passed to it, too.
    """
    return [] if lock is None else ["--lock-fd", str(lock)]


def make_store(store: str) -> None:
    """Make the store, or what is missing of it."""
    _on(store, ["init"], "making the store")


def set_name(store: str, name: str, image: int, *, take: bool) -> None:
    """Name an image. Without `take`, fail if another image has that name."""
    force = ["--force"] if take else []
    _on(store, ["map", *force, name, str(image)], f"naming image {image}")


def delete_name(store: str, name: str) -> None:
    """Forget a name; nothing happens if there is none."""
    _on(store, ["map", name, ""], "deleting the name")


def _on(store: str, words: Sequence[str], what: str) -> None:
    """Run a verb for people on this store; PlashError if it fails."""
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
) -> int:
    """Turn the work dir `name` into a child of `parent`; the new id.

    `origin` and `more` are noted of it. `lock` is our lock on the work dir, if we hold
    one.
    """
    import json

    options = [*lock_words(lock), "--origin", origin.replace("\0", "")]
    feed = None
    if more:
        options.append("--more")
        feed = functools.partial(_write, json.dumps(more).encode())
    outcome = process.call(
        ["engine:commit", *options, str(store), str(parent), name],
        feed=feed,
        pass_fds=[] if lock is None else [lock],
    )
    if outcome.status:
        raise process.failure(outcome, "making the image")
    with understood("making the image"):
        return int(outcome.stdout)


def mountfd(store: Path, image: int) -> Mounted:
    """Mount an image where only this process sees it, until it closes the descriptors.

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


def _ranges(text: str | None) -> list[tuple[int, int, int]] | None:
    if text is None:
        return None
    numbers = [int(word) for word in text.split(":")]
    return list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))


def list_directory(
    store: Path, image: int, path: str, *, layer: bool = False
) -> list[Entry]:
    """What a directory of an image holds, in no order, as the image's root sees it.

    `layer`: of the image's own layer, with what it removes from those below.
    """
    options = ["--layer"] if layer else []
    records = list(_listed(store, image, path, options))
    with understood(f"listing {path}"):
        return [_entry(fields) for fields in records]


def list_tree(
    store: str | Path,
    image: int,
    *,
    layer: bool = False,
    within: Iterable[str] | None = None,
    cancel: Cancel | None = None,
) -> list[Entry]:
    """All that an image holds, or its own layer, by paths without a slash in front.

    A directory comes before what is in it, and the first is the root directory, with
    an empty name. `within`: list the content of these directories only, and of all
    that is below those which end in a slash; a directory is listed only if the one
    it is in is, and the root always.
    """
    options = ["--layer"] if layer else []
    options += ["--recursive"] if within is None else ["--chosen"]
    feed = None
    if within is not None:
        names = b"".join(os.fsencode(path) + b"\0" for path in within)
        feed = functools.partial(_write, names)
    return _listed_tree(store, image, options, feed, cancel)


def list_changes(
    store: str | Path, place: Path, *, cancel: Cancel | None = None
) -> list[Entry]:
    """The same of what a run keeps in the directory `place`, as of a layer."""
    options = ["--changes", str(place), "--recursive"]
    return _listed_tree(store, 0, options, None, cancel)


def _listed_tree(
    store: str | Path,
    image: int,
    options: Sequence[str],
    feed: Callable[[IO[bytes]], None] | None,
    cancel: Cancel | None,
) -> list[Entry]:
    found: list[Entry] = []
    with understood("listing /"):
        for fields in _listed(store, image, "/", options, feed, cancel):
            if fields[10] == b"r":
                path = os.fsdecode(fields[0])
                raise PlashError(
                    f"layer {image} is known to the kernel alone: "
                    f"/{path} is redirected",
                    "`plash push:tarfile` writes what the image holds, "
                    "for `pull:tarfile`",
                )
            found.append(_entry(fields))
    return found


def _write(data: bytes, pipe: IO[bytes]) -> None:
    pipe.write(data)


def _listed(
    store: str | Path,
    image: int,
    path: str,
    options: Sequence[str],
    feed: Callable[[IO[bytes]], None] | None = None,
    cancel: Cancel | None = None,
) -> Iterator[list[bytes]]:
    """The records of engine:list, each as its fields."""
    pieces: list[bytes] = []
    words = ["engine:list", *options, str(store), str(image), path]
    outcome = process.call(words, on_data=pieces.append, feed=feed, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, f"listing {path}")
    fields = b"".join(pieces).split(b"\0")
    with understood(f"listing {path}"):
        if len(fields) % _FIELDS != 1 or fields[-1]:
            raise ValueError(f"{len(fields) - 1} fields")
    for start in range(0, len(fields) - 1, _FIELDS):
        yield fields[start : start + _FIELDS]


def _entry(fields: list[bytes]) -> Entry:
    name, kind, mode, uid, gid, size, allocated, mtime, device, target, *more = fields
    mark, links, attributes = more
    major, _colon, minor = device.partition(b":")
    return Entry(
        os.fsdecode(name),
        kind.decode(),
        int(mode, 8),
        int(uid),
        int(gid),
        int(size),
        int(allocated),
        int(mtime),
        (int(major), int(minor)) if device else None,
        os.fsdecode(target),
        mark == b"y",
        int(links) if links else 0,
        _attributes(attributes) if attributes else (),
    )


def _attributes(words: bytes) -> tuple[tuple[str, str], ...]:
    pairs = (word.partition(b"=") for word in words.split())
    return tuple(
        sorted(
            (os.fsdecode(bytes.fromhex(name.decode())), value.decode())
            for name, _equals, value in pairs
        )
    )


def gather(
    store: Path,
    image: int,
    name: str,
    pieces: Iterable[Piece],
    *,
    on_status: process.Status | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Fill `data` of the work dir `name` with pieces of the layers of an image."""

    def feed(pipe: IO[bytes]) -> None:
        for piece in pieces:
            pipe.write(os.fsencode("\0".join(piece) + "\0"))

    words = ["engine:gather", str(store), str(image), name]
    outcome = process.call(words, feed=feed, on_status=on_status, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, "making one layer")


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
    """Give a file's bytes to `take`, piece by piece, as the image's root reads them."""
    options = ["--offset", str(offset)] if offset else []
    options += ["--length", str(length)] if length is not None else []
    words = ["engine:read", *options, str(store), str(image), path]
    outcome = process.call(words, on_data=take, cancel=cancel)
    if outcome.status:
        raise process.failure(outcome, f"reading {path}")


def copy_tree(source: Path, target: Path) -> None:
    """A faithful copy of a directory, whoever its files belong to."""
    options = ("-a", "--reflink=auto", "--sparse=always", "-T", "--")
    outcome = _as_root("cp", *options, str(source), str(target))
    if outcome.status:
        raise process.failure(outcome, f"copying {source}")


def rename(source: Path, target: Path) -> None:
    """Give a tree a new name on its file system, whoever it belongs to."""
    outcome = _as_root("mv", "-T", "--", str(source), str(target))
    if outcome.status:
        raise process.failure(outcome, f"renaming {source}")


def remove_tree(path: Path) -> None:
    """Delete a directory tree, or a file, of any depth and whatever its modes."""
    _as_root("rm", "-rf", "--one-file-system", "--", str(path))


def _as_root(*command: str) -> process.Outcome:
    """Run a command of this machine as root over our subordinate ids.

    It ends with us, also if we are killed.
    """
    return process.call(["engine:sudo", "--", *command])


def probe(store: Path | None) -> dict[str, Any]:
    """What the kernel and this system allow, as the helper found by trying."""
    import json

    outcome = process.call(["engine:probe", *([str(store)] if store else [])])
    if outcome.status:
        raise process.failure(outcome, "probing")
    with understood("probing"):
        found: dict[str, Any] = json.loads(outcome.stdout)
        return {**found}

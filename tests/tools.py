"""Small things several suites need: waiting, disk use, who is still there."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.people import Person


def write_notes(node: Path, origin: str, **usage: int) -> None:
    """The notes that the helper writes of a new image, in a store made by hand."""
    meta = node / "_meta"
    meta.mkdir(exist_ok=True)
    born = {"origin": origin, "created": "2026-11-29T12:00:00+00:00"}
    (meta / "image.json").write_text(json.dumps(born))
    if usage:
        (meta / "usage.json").write_text(json.dumps(usage))


def wait_for(
    condition: Callable[[], object],
    what: str,
    seconds: float = 30,
    *,
    pause: float = 0.01,
) -> None:
    """Look until the condition holds, with pauses; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(pause)


def is_alive(pid: int) -> bool:
    """Whether a process has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def du(person: Person, path: Path) -> int:
    """What `du` says of a tree, in bytes, seen by its owner's root."""
    words = [person.bin / "plash", "sudo", "du", "-s", "--block-size=1", path]
    done = person.run(words, check=True)
    return int(done.stdout.split()[0])


def number_of(store: Path) -> int:
    """By what its mounts are known."""
    about = store.stat()
    return about.st_dev << 32 ^ about.st_ino


def mounts_of(store: Path) -> list[str]:
    """Processes that have an overlay of this store mounted, as `pid: command`."""
    mark = f"plashui:{{}}:{number_of(store)}:"
    before, after = mark.encode().split(b"{}")
    found = []
    has_it: dict[tuple[int, ...], bool] = {}  # the kernel takes long to make a table
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            root = os.stat(f"/proc/{pid}/root")
            namespace = os.stat(f"/proc/{pid}/ns/mnt")
            seen_from = namespace.st_ino, root.st_dev, root.st_ino
            if seen_from not in has_it:
                table = Path(f"/proc/{pid}/mountinfo").read_bytes().splitlines()
                has_it[seen_from] = any(before in x and after in x for x in table)
            if has_it[seen_from]:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                found.append(f"{pid}: {command.decode(errors='replace')}")
        except OSError:
            continue
    return found


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def only_child(pid: int) -> int:
    """The only child of a process, when what mapped its ids has been waited for."""
    wait_for(lambda: len(children_of(pid)) == 1, f"{pid} to have one child")
    return children_of(pid)[0]


def descendants(pid: int) -> list[int]:
    """Its children, theirs, and so on."""
    found = children_of(pid)
    for child in found:
        found += children_of(child)
    return found


def living_children(pid: int) -> set[str]:
    """The children of a process that have not ended, waited for or not."""
    living = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                stat = Path(f"/proc/{child}/stat").read_text()
            except OSError:
                continue
            if stat.rpartition(")")[2].split()[0] not in ("Z", "X"):
                living.add(child)
    return living


def images(store: Path) -> list[int]:
    """The ids of the images in a store, from the disk itself."""
    index = store / "index"
    return sorted(int(p.name) for p in index.iterdir() if p.name != "0" and p.exists())


def leftovers(store: Path) -> list[str]:
    """What lies in the store's tmp/."""
    return sorted(p.name for p in (store / "tmp").iterdir())


def with_attributes(memory: Path, base: Path) -> Path:
    """Memory if files there can have attributes (Linux 6.6), else the disk."""
    try:
        os.setxattr(memory, "user.test", b"")
    except OSError:
        return base
    return memory

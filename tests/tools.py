"""Small things several suites need: waiting, disk use, who is still there."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
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


def wait_for(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Look until the condition holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


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
    before, after = mark.split("{}")
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            table = (process / "mountinfo").read_text(errors="replace")
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if any(before in line and after in line for line in table.splitlines()):
            found.append(f"{process.name}: {command.decode(errors='replace')}")
    return found


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    listing = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True
    )
    return [int(word) for word in listing.stdout.split()]


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

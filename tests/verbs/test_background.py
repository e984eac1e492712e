"""Work without a terminal: what it says, how it is stopped, how its helper dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Verb
from tests.people import Person
from tests.tools import images, leftovers, mounts_of, wait_for

HELPERS = """
import os

def helpers():
    mine = str(os.getpid())
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            stat = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
        except OSError:
            continue
        if stat[1] == mine:
            yield int(pid)
"""

SCRIPT = """
import os, signal, sys, threading, time
from plashui.operations import build
from plashui.helper import process as helper
from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store

helper._PATIENCE = 0.5
store, image, way, cancel = Store(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Cancel()
scripts = {
    "well": "echo out; echo err >&2; printf '1 %%\\\\r2 %%\\\\nend'; echo x >/new",
    "ill": "echo no; exit 3",
}
command = ["sh", "-c", scripts.get(way, "echo up; exec sleep 1000")]
said = []

def report(progress):
    said.append(progress.what)
    if progress.what != "up":
        return
    if way == "killed":
        [os.kill(pid, signal.SIGKILL) for pid in helpers()]
    elif way == "cancelled":
        cancel.set()
    elif way == "hangs":
        [os.kill(pid, signal.SIGSTOP) for pid in helpers()]
        threading.Timer(0.1, cancel.set).start()

try:
    print(build.build(store, image, command, report=report, cancel=cancel))
except (Cancelled, PlashError) as error:
    print(type(error).__name__, error)
print(said)
"""


@pytest.mark.parametrize("way", ["well", "ill", "killed", "cancelled", "hangs"])
def test_a_build_in_the_background(
    person: Person, plash: Verb, store: Path, image: str, way: str
) -> None:
    words = [person.bin / "python3", "-c", HELPERS + SCRIPT, store, image, way]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    first, said = done.stdout.splitlines()
    if way == "well":
        assert said == "['out', 'err', '2 %', 'end']"
        assert plash("run", first, "cat", "/new").stdout == "x\n"
        assert images(store) == [int(image), int(first)]
    else:
        begin, end = {
            "ill": ("PlashError no image made: sh -c 'echo no", "with status 3"),
            "killed": ("PlashError building: the helper", "was killed by SIGKILL"),
            "cancelled": ("Cancelled", "cancelled"),
            "hangs": ("Cancelled", "cancelled"),
        }[way]
        assert first.startswith(begin), first
        assert first.endswith(end), first
        assert images(store) == [int(image)]
    wait_for(lambda: not mounts_of(store), "all to end")
    wait_for(lambda: leftovers(store) == [], "the store to be clean")


IMPORT = """
import io, signal, sys, threading
from plashui.helper import process as helper
from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store
from plashui.transfer.tarball import import_tar

helper._PATIENCE = 0.5
store, way, cancel = Store(sys.argv[1]), sys.argv[3], Cancel()
tar = open(sys.argv[2], "rb")

class Source(io.RawIOBase):
    begun = False

    def read(self, size):
        piece = tar.read(65536)
        if not self.begun and tar.tell() > 300_000:
            self.begun = True
            how = signal.SIGKILL if way == "killed" else signal.SIGSTOP
            [os.kill(pid, how) for pid in helpers()]
            if way == "hangs":
                threading.Timer(0.1, cancel.set).start()
        return piece or (bytes(65536) if way == "hangs" else b"")

try:
    import_tar(store, Source(), cancel=cancel)
except PlashError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("way", ["killed", "hangs"])
def test_an_import_whose_helper_dies_or_hangs_ends_in_a_sentence(
    person: Person, store: Path, busybox_tar: Path, way: str
) -> None:
    words = [person.bin / "python3", "-c", HELPERS + IMPORT, store, busybox_tar, way]
    done = person.run(words, env={"PLASH_DATA": str(store)})
    assert done.returncode == 0, done.stderr
    if way == "killed":
        assert done.stdout.startswith("PlashError extracting")
        assert done.stdout.endswith(": the helper was killed by SIGKILL\n")
    else:
        assert done.stdout == "Cancelled cancelled\n"
    assert images(store) == []
    wait_for(lambda: leftovers(store) == [], "the store to be clean")

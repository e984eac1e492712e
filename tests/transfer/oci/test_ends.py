"""Pulls that end anywhere: the next one completes, and fetches little again.

A few kills and cuts are in the suite; PLASHUI_TEST_KILLS=50 makes it 50 for each
person, and PLASHUI_TEST_SEED repeats a run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.store.store import Store
from plashui.transfer.oci import blob
from tests.amount import SEED, THOROUGH, WHOLE
from tests.people import Person
from tests.tools import descendants, images, is_alive, leftovers, wait_for
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, digest_of, tar_of

KILLS: Final = int(
    os.environ.get("PLASHUI_TEST_KILLS", "17" if THOROUGH else "6" if WHOLE else "2")
)
CUTS: Final = 50 if WHOLE else 8
PIECE: Final = 100_000
READ: Final = 8192
"""The bytes that may be on their way."""
SIZES: Final = (40_000, 450_000, 90_000, 700_000)


def layers(dice: random.Random) -> list[bytes]:
    """Layers with a file each that does not compress."""
    return [tar_of({f"f{n}": dice.randbytes(size)}) for n, size in enumerate(SIZES)]


@pytest.mark.parametrize("number", range(CUTS))
def test_after_a_cut_at_any_byte_the_next_pull_completes(
    store: Store, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(blob, "FIRST", PIECE)
    dice = random.Random(f"{SEED} {number}")
    tars = layers(dice)
    shelf.image("a", tars, bytes)
    victim = digest_of(dice.choice(tars))
    at = dice.randrange(len(shelf.blobs[victim]))
    shelf.cuts[victim] = [at, *[0] * 20]
    with pytest.raises(PlashError, match="connection broke"):
        pulled(store, shelf, "a")
    shelf.cuts.clear()
    assert pulled(store, shelf, "a").id == len(tars)
    for tar in tars:
        again = shelf.given[digest_of(tar)] - len(tar)
        assert again <= PIECE, (SEED, number, at)
    assert [p for p in store.entries("tmp") if not p.startswith("plashtmp")] == []
    assert not (store.path / "downloads").exists()


def test_a_signal_that_comes_when_the_first_thread_has_begun_leaves_nothing(
    store: Store, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, reading, ended = Cancel(), threading.Event(), threading.Event()
    stop.on_cancel(ended.set)
    begin = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        begin(thread)
        if thread.name == "layer":
            assert reading.wait(30)
            raise KeyboardInterrupt

    def read(digest: str, _data: bytes) -> None:
        if digest == digest_of(layer):
            reading.set()
            ended.wait(30)

    layer = tar_of({"a": "a"})
    shelf.image("a", [layer], bytes)
    shelf.read = read
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pulled(store, shelf, "a", stop=stop)
    assert store.entries("tmp") == []


class Scene:
    """A layout, a store, and pulls that can be killed."""

    def __init__(
        self, person: Person, place: Path, dice: random.Random, *more: str
    ) -> None:
        """Make the layout; `more` are words for the program."""
        self.more = more
        self.person, self.dice = person, dice
        self.store, self.notes = place / "store", place / "notes"
        self.tars = layers(dice)
        shelf = Shelf()
        shelf.image("a", self.tars, bytes)
        self.layout = shelf.layout(place / "layout", "a")

    def start(self) -> subprocess.Popen[bytes]:
        """Begin a pull."""
        program = self.person.program(__file__, "pull_layout.py")
        words = [self.person.bin / "python3", "-I", program, self.store, self.layout]
        return self.person.start(
            [*words, "a", PIECE - READ, self.notes, *self.more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def given(self) -> Counter[str]:
        """How many bytes of each blob were given, in all."""
        found: Counter[str] = Counter()
        with suppress(FileNotFoundError):
            whole, _end, _rest = self.notes.read_text().rpartition("\n")
            for line in whole.splitlines():
                digest, length = line.split()
                found[digest] += int(length)
        return found

    def kill_somewhere(self) -> bool:
        """Begin a pull and kill it; whether it had not ended."""
        before, total = sum(self.given().values()), sum(map(len, self.tars))
        wanted = self.dice.randrange(int(total * 1.2))
        process = self.start()
        end = time.monotonic() + 60
        while sum(self.given().values()) - before < wanted:
            if process.poll() is not None or time.monotonic() > end:
                break
            if sum(self.given().values()) - before >= total - PIECE:
                time.sleep(self.dice.random() * 0.2)  # while images are made
                break
            time.sleep(0.001)
        alive = process.poll() is None
        group = [process.pid, *descendants(process.pid)]
        doomed = self.dice.choice([group[:1], group, [self.dice.choice(group)]])
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()
        wait_for(lambda: not any(map(is_alive, group)), "all of it to end")
        return alive


def test_after_a_kill_at_any_moment_the_next_pull_completes(
    person: Person, playground: Path
) -> None:
    dice = random.Random(f"{SEED} {person.map}")
    scene = Scene(person, playground, dice)
    env = {"PLASH_DATA": str(scene.store)}
    for number in range(KILLS):
        log = f"PLASHUI_TEST_SEED={SEED}, kill {number}"
        kills = sum(scene.kill_somewhere() for _kill in range(dice.choice([1, 1, 3])))
        for node in scene.store.glob("index/*/_meta/image.json"):
            assert json.loads(node.read_text())["layer"], log
        done = scene.start()
        out, said = done.communicate()
        assert done.returncode == 0, (said.decode(), log)
        given = scene.given()
        for tar in scene.tars:
            again = given[digest_of(tar)] - len(tar)
            assert again <= kills * PIECE, (log, again, kills)
        for image, tar in zip(images(scene.store), scene.tars, strict=True):
            place = (scene.store / f"index/{image}").resolve() / "_data/root"
            (file,) = place.iterdir()
            assert file.read_bytes() in tar, log
        words = [person.bin / "plash", "clean"]
        person.run(words, env=env, check=True)
        assert leftovers(scene.store) == [], log
        assert not (scene.store / "downloads").exists(), log
        top = str(images(scene.store)[0])
        person.run([person.bin / "plash", "rm", top], env=env, check=True)
        scene.notes.unlink()
        assert out.strip().isdigit()


def test_after_a_kill_at_any_moment_a_kept_blob_is_whole(
    person: Person, playground: Path
) -> None:
    dice = random.Random(f"{SEED} {person.map} keep")
    scene = Scene(person, playground, dice, "keep")
    env = {"PLASH_DATA": str(scene.store)}

    def kept() -> int:
        paths = list(scene.store.glob("blobs/*"))
        for path in paths:
            assert digest_of(path.read_bytes()) == f"sha256:{path.name}"
        return len(paths)

    for _number in range(KILLS):
        scene.kill_somewhere()
        kept()
    process = scene.start()
    assert process.communicate()[0].strip().isdigit()
    there = kept()
    assert there > 0
    person.run([person.bin / "plash", "clean"], env=env, check=True)
    assert leftovers(scene.store) == []
    assert kept() == there
    person.run([person.bin / "plash", "clean", "--cache"], env=env, check=True)
    assert kept() == 0

"""Killed anywhere, any number of times: nothing is lost, halved or left.

One verb after the other begins on the same store and is killed with SIGKILL at a random
moment: the program alone, one of what it started, or all of them at once. After each
kill every image is whole and where it was, or where the verb puts it, and one `clean`
frees the rest.

A few kills are in the suite; PLASHUI_TEST_KILLS=100 makes it a hundred for each person,
and PLASHUI_TEST_SEED repeats a run: both are in the name of what fails.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Final

from tests.amount import SEED
from tests.people import Person
from tests.registries import Registries
from tests.tools import descendants, is_alive, leftovers, mounts_of, wait_for
from tests.verbs.kill_scene import Doing, Found, Scene, below
from tests.verbs.kill_targets import incoming, outgoing

KILLS: Final = int(os.environ.get("PLASHUI_TEST_KILLS", "4"))


def choices(scene: Scene, images: dict[int, Found]) -> Iterator[Callable[[], Doing]]:
    """What could be done to the store as it is."""
    dice = scene.dice
    kept = sorted(images.keys() - {1})  # the first is pinned
    trash = [int(p.name) for p in (scene.store / "trash").glob("[0-9]*")]
    shell: list[str | Path] = ["sh", "-c", scene.fill()]
    yield lambda: Doing(["pull:tarfile", scene.tar()], makes=1)
    yield lambda: Doing(["build", "1", *shell], makes=1)
    on = str(dice.choice(sorted(below(images, 1))))
    yield from outgoing(scene, on)
    yield from incoming(scene)
    yield lambda: Doing(["config", on, "--env", "A=1"], makes=1, bare=True)
    yield lambda: Doing(["config", "--amend", "--env", f"A={scene.token()}", "1"])
    waits = ["sh", "-c", f"{scene.fill()}; exec sleep 2"]
    yield lambda: Doing(["run:folder", "-w", scene.beside / "it", *waits])
    yield lambda: Doing(["build", on, *shell], makes=1)
    empty = not any(it.holds for i, it in images.items() if int(on) in below(images, i))
    yield lambda: Doing(["squash", on], makes=1, bare=empty)
    yield lambda: Doing(["shrink", "--names"], takes=frozenset(kept))
    yield lambda: Doing(["shrink", "--names", "--trash"], takes=frozenset(kept))
    yield lambda: Doing(["clean"])
    yield lambda: Doing(["map", "name", on])
    if kept:
        one = dice.choice(kept)
        gone = frozenset(below(images, one))
        for words in (["rm"], ["rm", "--trash"], ["rm", "--force"]):
            yield lambda words=words: Doing([*words, str(one)], takes=gone)  # type: ignore[misc]
    if trash:
        back = frozenset(scene.trashed())
        for _twice in range(2):
            yield lambda: Doing(["restore", str(dice.choice(trash))], restores=back)
        yield lambda: Doing(["trash", "--empty", "--force"], empties=True)


def is_mounted(directory: Path) -> bool:
    """Whether it is in the mount table of any process."""
    for table in Path("/proc").glob("[0-9]*/mountinfo"):
        with suppress(OSError):
            if f"{directory}/" in table.read_text(errors="replace"):
                return True
    return False


def kill_once(scene: Scene, doing: Doing) -> bool:
    """Begin it and kill it somewhere; whether it was not over by then."""
    command = [scene.person.bin / "plash", *doing.words]
    process = scene.person.start(
        command,
        env=scene.environment,
        cwd=scene.beside,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if doing.visited is not None:
        Thread(target=doing.visited, daemon=True).start()
    most = scene.dice.choice([0.01, 0.05, 0.2, 0.5, 1, 2])
    with suppress(subprocess.TimeoutExpired):
        process.wait(most * scene.dice.random())
    alive = process.poll() is None
    who = scene.dice.choice(["alone", "one of them", "all of them"])
    group = [process.pid, *descendants(process.pid)]
    doomed = {"alone": group[:1], "one of them": [scene.dice.choice(group)]}
    for pid in doomed.get(who, group) if alive else []:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    words = " ".join(map(str, doing.words))
    scene.log.append(f"{'killed' if alive else 'let end'} {who}: {words[:70]}")
    if doing.visited is not None:
        process.kill()  # it does not end by itself
    process.wait()
    wait_for(lambda: not any(map(is_alive, group)), f"all of {group} to end")
    wait_for(lambda: mounts_of(scene.store) == [], "its mounts to end")
    wait_for(lambda: not is_mounted(scene.beside / "it"), "the folder to be free")
    return alive


def goes_on(scene: Scene, doing: Doing, log: object) -> None:
    """What was killed is done once more: it completes, and nothing is beside it."""
    done = scene(*doing.words)
    assert done.returncode == 0, (done.stderr, log)
    assert doing.done is not None
    assert doing.done() or doing.makes, log
    drafts = [path.name for path in scene.beside.glob("*.partial-*")]
    assert drafts == [], log


def check(
    scene: Scene, doing: Doing, before: dict[int, Found], trash: dict[int, Found]
) -> None:
    """Nothing is lost, halved or left."""
    log = (f"PLASHUI_TEST_SEED={SEED}", scene.log[-4:])
    after, kept = scene.images(), scene.trashed()
    new = after.keys() - before.keys() - trash.keys()
    assert len(new) <= doing.makes, log
    assert doing.bare or all(after[image].holds for image in new), log
    back = after.keys() & trash.keys() - before.keys()
    assert back <= doing.restores, log
    assert {i: after[i] for i in back} == {i: trash[i] for i in back}, log
    lost = before.keys() - after.keys()
    assert lost <= doing.takes, log
    for image in lost:
        if image in kept:
            assert kept[image] == before[image], log
        whole_line = below(before, image)
        assert whole_line <= lost, "all that stands on it goes along"
    stays = before.keys() & after.keys()
    assert {i: after[i] for i in stays} == {i: before[i] for i in stays}, log
    out_of_trash = trash.keys() - kept.keys() - back
    assert not out_of_trash or doing.empties, log
    if doing.done is not None and not doing.done():
        goes_on(scene, doing, log)
        after = scene.images()
    for name in (scene.store / "map").iterdir():
        assert name.exists() or doing.takes, log
    done = scene("clean")
    assert done.returncode == 0, (done.stderr, log)
    assert leftovers(scene.store) == [], log
    links = {path.name for path in (scene.store / "index").iterdir()}
    assert links == {"0", *map(str, after)}, log
    assert scene.images() == after, log
    listed = json.loads(scene("ls", "--json").stdout)
    assert {i["id"]: i["parent"] for i in listed} == {
        image: it.parent for image, it in after.items()
    }, log


def test_whatever_is_killed_whenever_nothing_is_lost_halved_or_left(
    person: Person, playground: Path, busybox_tar: Path, registries: Registries
) -> None:
    dice = random.Random(f"{SEED} {person.map}")
    beside = playground / "beside"
    beside.mkdir(mode=0o755)
    person.give(beside)
    scene = Scene(person, playground / "store", beside, dice, registries)
    assert scene("pull:tarfile", busybox_tar).stdout == "1\n"
    assert scene("pin", "1").returncode == 0
    for _image in range(2):
        assert scene("build", "1", "sh", "-c", scene.fill()).returncode == 0
    assert scene("push:folder", "1", beside / "it").returncode == 0
    assert scene("map", "served", "1").returncode == 0
    kills = 0
    end = time.monotonic() + 30 * KILLS
    while kills < KILLS:
        assert time.monotonic() < end, "it goes on for ever"
        before, trash = scene.images(), scene.trashed()
        doing = dice.choice(list(choices(scene, before)))()
        kills += kill_once(scene, doing)
        check(scene, doing, before, trash)
        for path in beside.glob("d-*"):
            words = ["rm", "-rf", path]
            person.run([person.bin / "plash", "sudo", *words], check=True)

"""squash: one layer out of several, and nobody can tell the difference."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.helpers.conftest import Bench
from tests.helpers.image.test_list_and_read import rows
from tests.people import Person
from tests.tools import children_of, images, leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

BUILT: Final = (
    "rm -rf /usr/share/doc && mkdir /usr/share/doc && touch /usr/share/doc/new"
    " && rm -r /var/lib && echo file >/var/lib && chmod 700 /usr/share"
    " && rm /etc/group && mkdir -p /etc/group/now/a && mv /bin/ls /srv && rm /bin/cp"
)
AGAIN: Final = (
    "rm /k/pipe && rm -r /k/-rf && mkdir /k/pipe && echo new >/k/pipe/in"
    " && echo broken >>/k/twin && rm -r /k/sticky && echo is >/k/sticky"
    " && rm -r /etc/group && touch /k/closed/other && rm -r /bin/mv && mkdir /bin/mv"
)


@pytest.fixture
def bench(person: Person, store: Path) -> Bench:
    """The helper, on the same store."""
    return Bench(person, store)


def portrait(bench: Bench, image: str) -> dict[str, Any]:
    """All that is to be seen in an image, by path."""
    program = bench.person.program(__file__, "portrait.py")
    done = bench("mounted", image, "python3", program, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def own(plashui: Run) -> dict[str, int]:
    """What each layer takes."""
    return {str(r["id"]): r["own"] for r in json.loads(plashui("ls", "--json").stdout)}


def of_directories(bench: Bench, image: str) -> int:
    """What the directories of a layer take, `_data` around it with them."""
    script = 'find "$0/.." -type d -printf "%b\\n"'
    return 512 * sum(map(int, bench.sudo(script, bench.content(image)).split()))


def squashed(plashui: Run, *words: str) -> str:
    """The id of the new image."""
    done = plashui("squash", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.in_turn(False)
def test_a_chain_as_one_layer_is_the_same_to_the_last_byte(
    plashui: Run, bench: Bench, image: str, person: Person
) -> None:
    built = plashui("build", image, "sh", "-c", f"mkdir /srv; {BUILT}").stdout.strip()
    script = person.program(__file__, "strange_files.py")
    strange = bench.layer(f"python3 {script} {person.map}", built)
    last = plashui("build", strange, "sh", "-c", AGAIN).stdout.strip()
    expected = portrait(bench, last)
    assert expected["k/twin2"][-1] == ["k/in/twin3", "k/twin2"]
    assert expected["k/l"][-1] == ["k/l", "k/l2"]
    assert expected["k/capable"][4], "a capability is a part of it"
    for onto in ("0", image, built):
        told = plashui("squash", last, "--onto", onto, "--dry-run", "--json").stdout
        made = squashed(plashui, last, "--onto", onto)
        assert bench("parent", made).stdout.strip() == onto
        found = portrait(bench, made)
        assert found.keys() == expected.keys()
        assert {
            p: (expected[p], found[p]) for p in found if found[p] != expected[p]
        } == {}
        assert "nothing changed" in plashui("diff", last, made).stderr
        sparse = bench.sudo('stat -c %b "$0"', bench.content(made) / "k/sparse")
        assert int(sparse) < 1000
        after = json.loads(told)["after"]
        assert abs(after - own(plashui)[made]) <= of_directories(bench, made)
        listed = rows(bench, made, "/", "--layer", "--recursive").values()
        if onto == "0":
            assert [row for row in listed if row.kind == "w" or row.mark] == []


def test_it_says_what_it_would_save_and_does_nothing_on_a_dry_run(
    plashui: Run, image: str, store: Path
) -> None:
    one = plashui("build", image, "sh", "-c", "yes | head -c 500000 >/f").stdout.strip()
    two = plashui("build", one, "rm", "/f").stdout.strip()
    plashui("map", "box", two)
    dry = plashui("squash", "box", "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, "")
    assert dry.stderr.startswith("3 layers of ")
    assert "; saves " in dry.stderr
    assert dry.stderr.endswith(f" when {two}, {one}, {image} are removed\n")
    told = json.loads(plashui("squash", "box", "--dry-run", "--json").stdout)
    sizes = own(plashui)
    assert told["layers"] == [int(i) for i in (two, one, image)]
    assert told["before"] == told["freed"] == sum(sizes.values())
    assert told["saved"] == told["freed"] - told["after"] >= 500_000
    assert images(store) == [int(i) for i in (image, one, two)]

    # What others stand on stays, and saves nothing.
    plashui("build", one, "touch", "/x")
    told = json.loads(plashui("squash", "box", "--dry-run", "--json").stdout)
    assert told["removable"] == [int(two)]
    assert told["freed"] == sizes[two]
    assert f"even when {two} is removed" in plashui("squash", two).stderr
    plashui("build", two, "touch", "/x")
    assert (
        f"nothing is saved while other images use {two}"
        in plashui("squash", two).stderr
    )


def test_what_comes_and_goes_between_leaves_no_trace(
    plashui: Run, bench: Bench, image: str
) -> None:
    one = plashui("build", image, "sh", "-c", "mkdir /d; touch /f").stdout.strip()
    two = plashui("build", one, "sh", "-c", "rm -r /d /f; rm /etc/group").stdout.strip()
    made = squashed(plashui, two, "--onto", image)
    script = 'cd "$0" && find . -mindepth 1 -printf "%P %y\\n" | sort'
    assert bench.sudo(script, bench.content(made)) == "etc d\netc/group c\n"


def test_the_new_image_says_where_it_is_from_and_keeps_its_config(
    plashui: Run, bench: Bench, image: str, person: Person
) -> None:
    config = {"config": {"Env": ["COLOUR=green"], "Cmd": ["sh"]}, "os": "linux"}
    old = {"rootfs": {"diff_ids": []}, "history": [{"created_by": "ADD"}]}
    meta = bench.content(image).parent.parent / "_meta"
    words = [person.bin / "python3", person.program(__file__, "image_with_config.py")]
    person.run([*words, meta, json.dumps(config | old)], check=True)
    one = plashui("build", image, "touch", "/x").stdout.strip()
    two = plashui("build", one, "touch", "/y").stdout.strip()
    made = squashed(plashui, two)
    kept = bench.content(made).parent.parent / "_meta"
    assert json.loads((kept / "image.json").read_text())["config"] == config
    assert b"Env=COLOUR=green\0" in (kept / "run.conf").read_bytes()
    assert json.loads(plashui("show", made, "--json").stdout)["origin"] == (
        f"squash of {two}"
    )
    run = bench("run", "--isolate", made, "sh", "-c", "echo $COLOUR")
    assert run.stdout == "green\n", run.stderr
    # Below the ancestor it counts as it did.
    above = squashed(plashui, two, "--onto", image)
    kept = bench.content(above).parent.parent / "_meta"
    assert "config" not in json.loads((kept / "image.json").read_text())


def test_what_cannot_be_squashed_is_said_in_one_line(plashui: Run, image: str) -> None:
    one = plashui("build", image, "touch", "/x").stdout.strip()
    other = plashui("build", image, "touch", "/y").stdout.strip()
    for words, why in [
        ([image], f"nothing to squash: image {image} is a single layer on image 0"),
        ([one, "--onto", image], f"image {one} is a single layer on image {image}"),
        ([one, "--onto", one], "nothing to squash"),
        ([one, "--onto", other], f"image {one} is not built on image {other}"),
        ([image, "--onto", one], f"image {image} is not built on image {one}"),
        (["99"], "99"),
    ]:
        done = plashui("squash", *words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert done.stderr.startswith("plash error: ")
        assert why in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_chain_too_long_to_be_mounted_can_be_squashed(
    plashui: Run, bench: Bench, store: Path
) -> None:
    script = 'cd "$0" && place=layer/0 && n=0 && while [ $n -lt 501 ]; do n=$((n+1));'
    script += " place=$place/$n; mkdir -p $place/_data/root; ln -s ../$place index/$n;"
    script += " echo $n >$place/_data/root/last; : >$place/_data/root/f$n; done;"
    script += " head -c 501 /dev/zero >id_counter"
    bench.person.run(["sh", "-c", script, store], check=True)
    assert "squash" in bench("run", "501", "true").stderr
    made = squashed(plashui, "501")
    names = bench("mounted", made, "sh", "-c", "ls | wc -l; cat last").stdout.split()
    assert names == ["502", "501"]


@pytest.fixture
def many(plashui: Run, image: str) -> str:
    """An image of several layers and of enough files to be in the middle of."""
    script = "mkdir /m; cd /m; i=0; while [ $i -lt 5000 ]; do : >f$i; i=$((i+1)); done"
    one = plashui("build", image, "sh", "-c", script).stdout.strip()
    return plashui("build", one, "touch", "/two").stdout.strip()


@pytest.fixture
def gathering(
    person: Person, store: Path, many: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A squash whose helper is stopped in the middle, and that helper."""
    process = person.start(
        [person.bin / "plashui", "squash", many],
        env={"PLASH_DATA": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    found: list[int] = []

    def works() -> bool:
        if not any((store / "tmp").glob("*/data/*")):
            return False
        found[:] = [p for p in children_of(process.pid) if is_gathering(p)]
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        return bool(found)

    wait_for(works, "the squash to begin")
    yield process, found[0]
    for pid in (found[0], process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def is_gathering(pid: int) -> bool:
    """Whether a process is the helper that puts a layer together."""
    try:
        return b"engine:gather" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("who", ["python", "helper", "both"])
def test_a_killed_squash_leaves_nothing_but_what_clean_finds(
    plashui: Run,
    store: Path,
    many: str,
    gathering: tuple[subprocess.Popen[bytes], int],
    who: str,
) -> None:
    process, helper = gathering
    if who != "helper":
        process.kill()
    if who != "python":
        os.kill(helper, signal.SIGKILL)
    else:
        os.kill(helper, signal.SIGCONT)
    assert process.wait() != 0
    assert images(store) == [*range(1, int(many) + 1)]

    def cleaned() -> bool:
        assert plashui("clean").returncode == 0
        return leftovers(store) == []

    wait_for(cleaned, "clean to find what was left")
    assert plashui("squash", many).returncode == 0


@pytest.mark.usefixtures("gathering")
def test_the_layers_cannot_be_removed_meanwhile(plashui: Run, many: str) -> None:
    done = plashui("rm", many)
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert plashui("history", many).returncode == 0

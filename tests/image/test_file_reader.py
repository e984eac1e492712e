"""Files of images read in pieces and compared, and processes ended, by everybody."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.base.procfs import birth
from plashui.processes.kill import end
from plashui.processes.ps import Running
from tests.conftest import Prepared
from tests.helpers.conftest import Bench, busybox_image
from tests.people import Person
from tests.tools import wait_for


@pytest.fixture
def plash(person: Person, store: Path) -> Bench:
    """The helper, on the person's empty store."""
    return Bench(person, store)


@pytest.fixture
def image(plash: Bench, busybox_tar: Path, prepared: Prepared) -> str:
    """The id of a busybox image."""
    return busybox_image(plash, busybox_tar, prepared)


def within(plash: Bench, *calls: Sequence[object]) -> list[Any]:
    """What each call of a function of programs/file_reader.py returns, or its error.

    It is made in a process of the person's own.
    """
    program = plash.person.program(__file__, "file_reader.py")
    words = [plash.person.bin / "python3", program, plash.store, json.dumps(calls)]
    done = plash.person.run(words, env=plash.environment())
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def test_a_file_is_read_in_pieces_whoever_may_read_it(plash: Bench, image: str) -> None:
    script = "seq 300000 >f && mkdir d && seq 9 >d/f && ln -s /d/f l && chmod 0 d/f d"
    if plash.person.map != "single":
        script += " && chown -R 7:8 d"
    child = plash.layer(script, image)
    whole = "".join(f"{n}\n" for n in range(1, 300001))
    found = within(plash, *(("read", int(child), p) for p in ("/f", "/d/f", "l")))
    assert found == [
        [len(whole), "2\n3\n4", 3, ""],
        [18, "2\n3\n4", 3, ""],
        [18, "2\n3\n4", 3, ""],
    ]


def test_a_file_that_is_open_does_not_keep_its_image(plash: Bench, image: str) -> None:
    child = plash.layer("echo still here >f", image)
    plashui = str(plash.person.bin / "plashui")
    text, error = within(
        plash,
        ("read_while_removed", int(child), "/f", plashui),
        ("read", int(child), "/f"),
    )
    assert text == "still here\n"
    assert str(child) in error


def test_what_cannot_be_read_says_why(plash: Bench, image: str) -> None:
    child = plash.layer("mkfifo p; ln -s /nowhere n; ln -s self self", image)
    paths = ("/p", "/n", "/etc", "/self", "/a\0b")
    fifo, nowhere, directory, circle, nul = within(
        plash, *(("read", int(child), path) for path in paths)
    )
    assert fifo == "cannot read /p: it is not a regular file"
    assert nowhere == f"cannot read /n in image {child}: No such file or directory"
    assert directory == f"cannot read /etc in image {child}: Is a directory"
    assert "cannot read /self" in circle
    assert "Invalid argument" in nul


def test_two_files_are_compared_line_by_line_or_said_to_differ(
    plash: Bench, image: str
) -> None:
    one = plash.layer(
        "seq 9 >f; printf 'a\\nb' >end; head -c 2000000 /dev/zero >big; ln -s x l;"
        " printf 'a\\0' >bin; seq 9 >t",
        image,
    )
    two = plash.layer(
        "seq 9 | grep -v 5 >f; printf 'a\\nb\\n' >end; cp big bigger 2>&-;"
        " head -c 2000001 /dev/zero >big; ln -s y l; printf 'b\\0' >bin; ln -s f t",
        one,
    )
    paths = ("/f", "/end", "/big", "/l", "/bin", "/t", "/etc/passwd", "/etc")
    text, end_, big, link, binary, kind, same, directory = within(
        plash, *(("compare", int(one), int(two), path) for path in paths)
    )
    hunk = ["@@ -2,7 +2,6 @@", " 2", " 3", " 4", "-5", " 6", " 7", " 8"]
    assert text == ["0 lines added, 1 removed", hunk]
    assert end_[1] == ["@@ -1,2 +1,2 @@", " a", "-b", "\\ no newline at the end", "+b"]
    assert big[0] == "differ: 2.0 MB and 2.0 MB, too big to compare line by line"
    assert link[1] == ["@@ -1,1 +1,1 @@", "-x", "+y"]
    assert binary[0] == "differ: 2 B and 2 B, not text"
    assert kind[0] == "differ: a file and a link"
    assert same[0] == "the same, 30 B"
    assert directory == "cannot compare /etc: it is neither file nor link"


def test_what_layers_hide_is_what_a_squash_leaves_out(plash: Bench, image: str) -> None:
    one = plash.layer(
        "seq 100000 >f; mkdir d; seq 9000 >d/g; ln d/g d/h; echo >x", image
    )
    two = plash.build(one, "sh", "-c", "rm -r /d; seq 10 >/f; rm /bin/busybox")
    ((found, before, after),) = within(plash, ("hidden", int(two)))
    assert [layer for layer, _shadow in found] == [int(image), int(one), int(two)]
    assert found[0][1] == found[1][1] == [0, 0]
    files, hidden = found[2][1]
    assert files == 3, "f, g by both its names, busybox"
    assert hidden > 2_000_000
    # What is left beside is directories: those that two layers have, and whiteouts.
    assert 0 <= before - after - hidden < 100_000


def test_a_process_in_an_image_is_asked_to_end_and_then_killed(
    plash: Bench, image: str
) -> None:
    script = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    ways = [[], ["--isolate"]]
    if plash.person.map != "single":
        ways.append(["--isolate", "-u", "8:8"])  # of a subordinate id
    for how in ways:
        process = plash.start(
            "run", *how, image, "sh", "-c", script, stdout=subprocess.PIPE
        )
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        assert within(plash, ("end_trap",))[0] > 0
        assert process.wait(30) in (-9, 128 + 9)
        process.stdout.close()


def test_a_process_that_is_over_or_another_is_never_ended() -> None:
    child = subprocess.Popen(["sleep", "1000"])
    try:
        one = Running(child.pid, 7, "run", "", "sleep", birth=birth(child.pid))
        assert one.birth
        for wrong in (one._replace(birth=one.birth - 1), one._replace(birth=0)):
            with pytest.raises(PlashError, match="has already ended"):
                end(wrong, force=True)
        assert child.poll() is None
        end(one)
        wait_for(lambda: not birth(child.pid), "it to end")
        with pytest.raises(PlashError, match="has already ended"):
            end(one)
    finally:
        child.kill()
        child.wait()
    with pytest.raises(PlashError, match="has already ended"):
        end(one)


def test_this_process_and_a_mount_are_not_ended() -> None:
    me = Running(os.getpid(), 7, "lock", "", "me", birth=birth(os.getpid()))
    with pytest.raises(PlashError, match="is plashui itself"):
        end(me)
    with pytest.raises(PlashError, match="which is not a process"):
        end(Running(None, 7, "mount", "", "mounted at /srv"))

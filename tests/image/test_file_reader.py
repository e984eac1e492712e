"""Files of images read in pieces and compared, and processes ended, by everybody."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.base.procfs import birth
from plashui.processes.kill import end
from plashui.processes.ps import Running
from tests.helpers.conftest import Bench
from tests.people import Person
from tests.tools import wait_for

# A process of the person's own: runs what it is told.
SCRIPT = """
import json, os, sys
from plashui.store import disk_usage as usage
from plashui.image.file_reader import Content
from plashui.processes.kill import end
from plashui.base.errors import PlashError
from plashui.image.file_diff import Side, compare_files
from plashui.processes.ps import running
from plashui.image.shadowed import shadows
from plashui.operations.squash import plan_squash
from plashui.store.store import Store
store = Store(sys.argv[1])
def said(function, *words):
    try:
        return function(*words)
    except PlashError as error:
        return str(error)
exec(sys.argv[2])
print(json.dumps(result))
"""


@pytest.fixture
def plash(person: Person, store: Path) -> Bench:
    """The helper, on the person's empty store."""
    return Bench(person, store)


@pytest.fixture
def image(plash: Bench, busybox_tar: Path) -> str:
    """The id of a busybox image."""
    return plash.image_of(busybox_tar)


def within(plash: Bench, code: str) -> Any:
    """What `result` is after the code ran."""
    words = [plash.person.bin / "python3", "-c", SCRIPT, plash.store, code]
    done = plash.person.run(words, env=plash.environment())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_file_is_read_in_pieces_whoever_may_read_it(plash: Bench, image: str) -> None:
    script = "seq 300000 >f && mkdir d && seq 9 >d/f && ln -s /d/f l && chmod 0 d/f d"
    if plash.person.map != "single":
        script += " && chown -R 7:8 d"
    child = plash.layer(script, image)
    code = (
        f"found = [Content(store, {child}, p) for p in ('/f', '/d/f', 'l')]\n"
        "result = [[c.size, c.read(2, 5).decode(), len(c.read(c.size - 3, 9)),"
        " c.read(9 << 40, 5).decode()] for c in found]"
    )
    whole = "".join(f"{n}\n" for n in range(1, 300001))
    assert within(plash, code) == [
        [len(whole), "2\n3\n4", 3, ""],
        [18, "2\n3\n4", 3, ""],
        [18, "2\n3\n4", 3, ""],
    ]


def test_a_file_that_is_open_does_not_keep_its_image(plash: Bench, image: str) -> None:
    child = plash.layer("echo still here >f", image)
    plashui = plash.person.bin / "plashui"
    code = (
        "import subprocess\n"
        f"c = Content(store, {child}, '/f')\n"
        f"subprocess.run([{str(plashui)!r}, 'rm', '{child}'], check=True)\n"
        f"result = [c.read(0, 99).decode(), said(Content, store, {child}, '/f')]"
    )
    text, error = within(plash, code)
    assert text == "still here\n"
    assert str(child) in error


def test_what_cannot_be_read_says_why(plash: Bench, image: str) -> None:
    child = plash.layer("mkfifo p; ln -s /nowhere n; ln -s self self", image)
    code = (
        f"result = [said(Content, store, {child}, p)"
        " for p in ('/p', '/n', '/etc', '/self', '/a\\0b')]"
    )
    fifo, nowhere, directory, circle, nul = within(plash, code)
    assert fifo == "cannot read /p: it is no regular file"
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
    code = (
        f"pairs = [(Side({one}, p), Side({two}, p))"
        " for p in ('/f', '/end', '/big', '/l', '/bin', '/t', '/etc/passwd', '/etc')]\n"
        "result = [said(compare_files, store, *pair) for pair in pairs]"
    )
    text, end_, big, link, binary, kind, same, directory = within(plash, code)
    hunk = ["@@ -2,7 +2,6 @@", " 2", " 3", " 4", "-5", " 6", " 7", " 8"]
    assert text == ["0 lines added, 1 removed", hunk]
    assert end_[1] == ["@@ -1,2 +1,2 @@", " a", "-b", "\\ no newline at the end", "+b"]
    assert big[0] == "differ: 2.0 MB and 2.0 MB, too much to compare line by line"
    assert link[1] == ["@@ -1,1 +1,1 @@", "-x", "+y"]
    assert binary[0] == "differ: 2 B and 2 B, not text"
    assert kind[0] == "differ: a file and a link"
    assert same[0] == "the same, 30 B"
    assert directory == "cannot compare /etc: it is no regular file"


def test_what_layers_hide_is_what_a_squash_leaves_out(plash: Bench, image: str) -> None:
    one = plash.layer(
        "seq 100000 >f; mkdir d; seq 9000 >d/g; ln d/g d/h; echo >x", image
    )
    two = plash.build(one, "sh", "-c", "rm -r /d; seq 10 >/f; rm /bin/busybox")
    code = (
        "forest = usage.measured(store, store.read())\n"
        "found = []\n"
        f"shadows(store, forest, {two}, lambda *one: found.append(one))\n"
        f"plan = plan_squash(store, forest, {two})\n"
        "own = {i: forest.own(i).bytes for i in forest.images}\n"
        "result = [found, plan.before, plan.after]"
    )
    found, before, after = within(plash, code)
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
        code = (
            "one = next(r for r in running(store) if 'trap' in r.command)\n"
            "end(one)\n"
            "os.stat(f'/proc/{one.pid}')\n"
            "end(one, force=True)\n"
            "result = one.pid"
        )
        assert within(plash, code) > 0
        assert process.wait(30) in (-9, 128 + 9)
        process.stdout.close()


def test_a_process_that_is_over_or_another_is_never_ended() -> None:
    child = subprocess.Popen(["sleep", "1000"])
    try:
        one = Running(child.pid, 7, "run", "", "sleep", birth=birth(child.pid))
        assert one.birth
        for wrong in (one._replace(birth=one.birth - 1), one._replace(birth=0)):
            with pytest.raises(PlashError, match="has ended by itself"):
                end(wrong, force=True)
        assert child.poll() is None
        end(one)
        wait_for(lambda: not birth(child.pid), "it to end")
        with pytest.raises(PlashError, match="has ended by itself"):
            end(one)
    finally:
        child.kill()
        child.wait()
    with pytest.raises(PlashError, match="has ended by itself"):
        end(one)


def test_this_process_and_a_mount_are_not_ended() -> None:
    me = Running(os.getpid(), 7, "lock", "", "me", birth=birth(os.getpid()))
    with pytest.raises(PlashError, match="is this one"):
        end(me)
    with pytest.raises(PlashError, match="which is no process"):
        end(Running(None, 7, "mount", "", "mounted at /srv"))

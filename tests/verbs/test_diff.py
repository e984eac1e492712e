"""diff and history: what the layers of an image hold, and what made them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.conftest import Bench
from tests.people import Person
from tests.verbs.conftest import Run

HOSTILE = "-n\n\x1b[31m\u202e\udcff"


@pytest.fixture
def bench(person: Person, store: Path) -> Bench:
    """The helper, on the same store."""
    return Bench(person, store)


def changes(plashui: Run, *words: str) -> dict[str, Any]:
    """What `diff --json` says, by path."""
    done = plashui("diff", "--json", *words)
    assert done.returncode == 0, done.stderr
    return {change["path"]: change for change in json.loads(done.stdout)}


CHANGE = (
    "rm -rf /usr/share/doc && mkdir /usr/share/doc && rm /etc/group"
    " && echo not so long >/etc/passwd && chmod 700 /usr/share"
    " && rm -r /var/lib && echo x >/var/lib && mkdir /new && ln -s ../x /new/link"
)


def test_diff_shows_what_an_image_changes_of_its_parent(
    plashui: Run, image: str
) -> None:
    child = plashui("build", image, "sh", "-c", CHANGE).stdout.strip()
    found = changes(plashui, child)
    assert {path: one["change"] for path, one in found.items()} == {
        "/etc/group": "deleted",
        "/etc/passwd": "modified",
        "/new": "added",
        "/new/link": "added",
        "/usr/share": "modified",
        "/usr/share/doc/x": "deleted",
        "/usr/share/doc/x/copyright": "deleted",
        "/var/lib": "type changed",
    }
    assert found["/etc/passwd"]["aspects"] == ["content"]
    assert found["/var/lib"]["aspects"] == ["type"]
    assert found["/usr/share"]["aspects"] == ["mode"]
    assert found["/usr/share"]["after"]["mode"] == "0700"
    assert found["/new/link"]["after"]["target"] == "../x"
    assert found["/usr/share/doc/x/copyright"]["growth"] == -200
    assert found["/etc/group"]["before"]["size"] == 10
    text = plashui("diff", child)
    assert text.stdout == (
        "D     -10 B  /etc/group\n"
        "M     -18 B  /etc/passwd  (content)\n"
        "A            /new/\n"
        "A            /new/link -> ../x\n"
        "M            /usr/share/  (mode 755 -> 700)\n"
        "D            /usr/share/doc/x/\n"
        "D    -200 B  /usr/share/doc/x/copyright\n"
        "T            /var/lib  (directory -> file)\n"
    )
    assert (
        text.stderr
        == "2 added, 2 modified, 3 deleted, 1 type changed: -226 B of content\n"
    )


def test_diff_of_any_two_images_and_of_one_with_itself(
    plashui: Run, image: str, busybox_tar: Path
) -> None:
    one = plashui("build", image, "sh", "-c", "echo 1 >/one").stdout.strip()
    two = plashui("build", image, "sh", "-c", "echo 2 >/two").stdout.strip()
    plashui("map", "other", two)
    found = changes(plashui, one, "other")
    assert {p: c["change"] for p, c in found.items()} == {
        "/one": "deleted",
        "/two": "added",
    }
    assert changes(plashui, one, image).keys() == {"/one"}
    assert changes(plashui, one, one) == changes(plashui, "0", "0") == {}
    again = plashui("pull:tarfile", busybox_tar).stdout.strip()
    assert changes(plashui, image, again) == {}, "the same from the same tar"
    assert "nothing changed" in plashui("diff", image, again).stderr
    assert changes(plashui, again, two).keys() == {"/two"}
    everything = changes(plashui, image)
    assert everything == changes(plashui, "0", image)
    assert {c["change"] for p, c in everything.items() if p != "/"} == {"added"}
    assert plashui("diff", "0").stdout == ""


def test_a_copy_that_changed_nothing_is_none_and_a_touch_only_its_time(
    plashui: Run, image: str
) -> None:
    script = (
        "chmod 600 /etc/passwd; chmod 644 /etc/passwd; touch /etc/group"
        " && cd /usr/share/doc/x && cp -p copyright /c && sed -i s/x/y/ /c"
        " && touch -r copyright /c && cat /c >copyright && touch -r /c copyright"
        " && rm /c"
    )
    child = plashui("build", image, "sh", "-c", script).stdout.strip()
    found = changes(plashui, child)
    assert {p: c["aspects"] for p, c in found.items()} == {
        "/etc/group": ["time"],
        "/usr/share/doc/x/copyright": ["content"],
    }, "another content at the same size and time is seen"


def test_owners_and_attributes_count(
    plashui: Run, bench: Bench, image: str, person: Person
) -> None:
    base = bench.layer("touch f g", image)
    script = f"python3 {person.program(__file__, 'two_files.py')}"
    if person.map != "single":
        script += "; chown 7:8 f"
    child = bench.layer(f"{script}; touch -d @1 f g", base)
    found = changes(plashui, child)
    assert found["/g"]["aspects"] == ["time", "attributes"]
    assert found["/g"]["after"]["attributes"] == {"user.x": "31"}
    owner = [] if person.map == "single" else ["owner"]
    assert found["/f"]["aspects"] == ["time", *owner]
    if owner:
        assert "(time, owner 0:0 -> 7:8)" in plashui("diff", child).stdout


def test_hostile_names_are_printed_harmlessly_and_json_is_json(
    plashui: Run, bench: Bench, image: str
) -> None:
    script = f"mkdir './{HOSTILE}' && ln -s -- '{HOSTILE}' './{HOSTILE}/{HOSTILE}'"
    child = bench.layer(script, image)
    text = plashui("diff", child).stdout
    shown = "-n\\n\\x1b[31m\\u202e\\xff"
    lines = [f"A            /{shown}/", f"A            /{shown}/{shown} -> {shown}"]
    assert [line for line in text.splitlines() if line[0] == "A"] == lines
    found = changes(plashui, child)
    assert found[f"/{HOSTILE}/{HOSTILE}"]["after"]["target"] == HOSTILE
    assert plashui("diff", "--json", child).stdout.isascii()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_cannot_be_looked_at_is_said(
    plashui: Run, bench: Bench, image: str, person: Person
) -> None:
    if person.map == "root":
        pytest.skip("root may look at everything")
    child = bench.layer("mkdir d", image)
    os.chown(bench.content(child) / "d", 12345, 12345)
    (bench.content(child) / "d").chmod(0)
    done = plashui("diff", child)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "plash error: cannot list d/: Permission denied\n"


def test_a_redirected_directory_is_refused_not_told_wrongly(
    plashui: Run, bench: Bench, image: str, person: Person
) -> None:
    if person.map != "root":
        pytest.skip("only root's overlay redirects")
    child = bench.layer("mkdir d", image)
    os.setxattr(bench.content(child) / "d", "trusted.overlay.redirect", b"/usr")
    for words in (["diff", child], ["squash", child]):
        done = plashui(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "overlayfs redirects the directory /d" in done.stderr
        assert done.stderr.count("\n") == 1


def test_history_tells_the_layers_and_what_made_them(plashui: Run, image: str) -> None:
    one = plashui("build", image, "sh", "-c", "echo '1 2' >/one").stdout.strip()
    two = plashui("build", one, "touch", "/two").stdout.strip()
    plashui("map", "box\x1b", two)
    found = json.loads(plashui("history", "--json", "box\x1b").stdout)
    assert [step["id"] for step in found] == [int(i) for i in (two, one, image)]
    assert [step["command"] for step in found] == [
        ["touch", "/two"],
        ["sh", "-c", "echo '1 2' >/one"],
        None,
    ]
    assert found[0]["names"] == ["box\x1b"]
    assert found[2]["origin"] == "busybox.tar"
    assert found[0]["chain"] == sum(step["own"] for step in found)
    rows = {row["id"]: row for row in json.loads(plashui("ls", "--json").stdout)}
    for step in found:
        assert step["own"] == rows[step["id"]]["own"]
        assert step["created"] == rows[step["id"]]["created"]
    lines = plashui("history", two).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ID", two, one, image]
    assert lines[1].endswith("box\\x1b  (touch /two)")
    assert lines[3].endswith("busybox.tar")
    assert plashui("history", "99").returncode == 1

"""The core contract: values on stdout, words on stderr, 1 where it went wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from plashui import __version__
from plashui.verbs.table import VERBS
from tests.conftest import Verb
from tests.people import Person
from tests.verbs.conftest import Run


def test_programs_of_different_versions_do_not_hand_a_verb_to_and_fro(
    person: Person, store: Path
) -> None:
    # As plash does with a verb that it does not know.
    env = {"PLASH_DATA": str(store), "PLASH_HANDED_OVER": "1"}
    done = person.run([person.bin / "plashui", "mount", "1", "/mnt"], env=env)
    assert done.returncode == 1
    assert "different versions" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_is_one_line_that_says_what_and_what_to_do(plashui: Run) -> None:
    for words in (["show", "99"], ["run", "99", "true"], ["nonsense"], ["rm", "no/pe"]):
        done = plashui(*words)
        assert done.returncode == 1, words
        assert done.stdout == ""
        assert done.stderr.startswith("plash error: ")
        assert done.stderr.count("\n") == 1, done.stderr


def test_with_plash_debug_an_error_says_where_its_traceback_is(
    person: Person, store: Path, playground: Path
) -> None:
    env = {"PLASH_DATA": str(store), "XDG_STATE_HOME": str(playground)}
    log = playground / "plashui/log"
    line = [person.bin / "plashui", "show", "99"]
    plain = person.run(line, env={**env, "PLASH_DEBUG": "0"})
    assert not log.exists()
    done = person.run(line, env={**env, "PLASH_DEBUG": "1"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{plain.stderr.rstrip()}. Traceback: {log}\n"
    text = log.read_text()
    assert "Traceback (most recent call last)" in text
    assert "plashui/verbs/show.py" in text
    assert "PlashError: " in text


def test_the_two_programs_are_one_command_line(
    plash: Verb, plashui: Run, image: str
) -> None:
    assert plash("version").stdout == plashui("version").stdout == f"{__version__}\n"
    assert plash("ls", "--json").stdout == plashui("ls", "--json").stdout
    assert plashui("nodepath", image).stdout == plash("nodepath", image).stdout
    assert plashui("run", image, "sh", "-c", "exit 42").returncode == 42


def test_a_name_does_wherever_an_id_does(plash: Verb, plashui: Run, image: str) -> None:
    assert plashui("map", "my box", image).returncode == 0
    assert plashui("map", "my box").stdout == f"{image}\n"
    assert plash("run", "my box", "echo", "hi").stdout == "hi\n"
    assert plashui("show", "my box", "--json").returncode == 0
    assert plash("id", "my box").stdout == f"{image}\n"
    child = plashui("build", "my box", "touch", "/x").stdout.strip()
    assert plash("parent", child).stdout == f"{image}\n"
    assert plashui("map", "my box", "").returncode == 0
    assert plashui("map", "my box").stdout == ""


NOT_HERE: Final = frozenset({"push:oci", "push:ssh"})
"""Verbs that take an id, whose own tests give them a name."""

NAMED: Final[list[list[str]]] = [
    *(["run", "box", "true"], ["run", "-l", "box", "true"], ["nodepath", "box"]),
    *(["run", "--isolate", "box", "true"], ["run:persist", "box", "KEPT", "true"]),
    *(["mounted", "box", "true"], ["parent", "box"], ["id", "box"], ["show", "box"]),
    *(["build", "box", "touch", "/x"], ["stack", "box", "LAYER"]),
    *(["check", "box", "/etc/passwd"], ["map", "other", "box"]),
    *(["cache", "build", "box", "touch", "/y"], ["recall", "id", "box"]),
    *(["diff", "box"], ["history", "box"], ["packages", "box"], ["slim", "box"]),
    *(["map", "two", "2"], ["squash", "two"]),
    *(["push:tarfile", "box", "TAR"], ["push:dir", "box", "COPY"]),
    *(["push:squashfs", "box", "SQUASH"], ["push:bundle", "box", "BUNDLE"]),
    *(["push:file", "box", "LAYERS"], ["push", "box", "LAYERS"]),
    *(["push:folder", "box", "FOLDER"], ["push:app", "box", "APP"]),
    *(["pin", "box"], ["pin", "--off", "box"], ["note", "box", "a box"]),
    *(["config", "box"], ["config", "box", "--env", "A=1"]),
    *(["do", "build", "touch", "/z"], ["mount", "box", "KEPT"], ["umount", "KEPT"]),
    *(["rm", "--trash", "box"], ["map", "box", "1"], ["rm", "box"]),
]


def test_every_verb_that_takes_an_id_takes_a_name(
    plash: Verb, image: str, person: Person, playground: Path
) -> None:
    assert image == "1"
    verbs = {name for name, verb in VERBS.items() if verb.operands()[:1] == ["ID"]}
    assert verbs - {line[0] for line in NAMED} <= {"restore"} | NOT_HERE
    assert plash("map", "box", "1").returncode == 0
    person.run(["mkdir", playground / "kept", playground / "layer"], check=True)
    known = {"KEPT": playground / "kept", "LAYER": playground / "layer"}
    known |= {"TAR": playground / "box.tar", "COPY": playground / "copy"}
    known |= {"SQUASH": playground / "box.sqsh", "BUNDLE": playground / "bundle"}
    known |= {"LAYERS": playground / "box.oci.tar", "APP": playground / "box.app"}
    known |= {"FOLDER": playground / "folder"}
    for line in NAMED:
        if "mount" in line[0] and person.map != "root" and line[0] != "mounted":
            continue  # a FUSE mount has tests of its own
        if line == ["map", "box", "1"]:
            plash("restore", "1")
        done = plash(*(known.get(word, word) for word in line))
        assert done.returncode == 0, (line, done.stderr)


def test_the_store_is_made_on_first_need(person: Person, playground: Path) -> None:
    env = {"PLASH_DATA": str(playground / "fresh")}
    for words in (["ls"], ["df"], ["trash"], ["clean"]):
        done = person.run([person.bin / "plashui", *words], env=env)
        assert done.returncode == 0, (words, done.stderr)
    assert not (playground / "fresh").exists(), "looking makes none"
    done = person.run([person.bin / "plash", "nodepath", "0", "--allow-0"], env=env)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_dir()


def test_ls_df_and_show_report_in_json(plashui: Run, image: str) -> None:
    child = plashui("build", image, "sh", "-c", "echo 12345 > /new").stdout.strip()
    plashui("map", "tést [x]", child)
    rows = {row["id"]: row for row in json.loads(plashui("ls", "--json").stdout)}
    mine = rows[int(child)]
    assert mine["parent"] == int(image)
    assert mine["names"] == ["tést [x]"]
    assert mine["origin"] == "sh -c 'echo 12345 > /new'"
    assert mine["files"] == 1
    assert mine["chain"] == mine["own"] + rows[int(image)]["own"]
    assert rows[int(image)]["subtree"] == mine["chain"]
    assert rows[int(image)]["origin"] == "busybox.tar"
    shown = json.loads(plashui("show", child, "--json").stdout)
    assert [layer["id"] for layer in shown["lineage"]] == [int(child), int(image)]
    assert shown["own"] == mine["own"]
    text = plashui("show", child).stdout
    assert "tést [x]" in text
    df = json.loads(plashui("df", "--json").stdout)
    assert df["layers"] == {image: rows[int(image)]["own"], child: mine["own"]}
    assert df["images"] == sum(df["layers"].values())
    parts = [df[key] for key in ("images", "trash", "work", "other")]
    assert df["total"] == sum(parts)


def test_hostile_names_and_origins_are_printed_harmlessly(
    plashui: Run, image: str
) -> None:
    name = "a\x1b]0;title\x07\nb\u202e[red]\udce9"
    assert plashui("map", name, image).returncode == 0
    for words in (["ls"], ["show", image], ["show", name]):
        done = plashui(*words)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
        assert "a\\x1b]0;title\\x07\\nb\\u202e[red]\\xe9" in done.stdout
    error = plashui("show", "x\x1b[31m")
    assert "\x1b" not in error.stderr
    assert json.loads(plashui("ls", "--json").stdout)[0]["names"] == [name]


@pytest.mark.usefixtures("image")
def test_a_closed_pipe_is_silent(person: Person, store: Path) -> None:
    env = {"PLASH_DATA": str(store)}
    script = f"{person.bin}/plashui help | head -n 1; {person.bin}/plashui ls | true"
    done = person.run(["sh", "-c", script], env=env)
    assert done.stderr == ""


def test_doctor_tells_what_works_here_and_the_remedy_for_what_does_not(
    plashui: Run, person: Person
) -> None:
    done = plashui("doctor", "--json")
    findings = {found["what"]: found for found in json.loads(done.stdout)}
    assert findings["overlay mounts"]["ok"], findings
    assert findings["GNU tar"]["ok"]
    assert findings["user ids"]["ok"] == (person.map != "single")
    if person.map == "single":
        assert done.returncode == 1
        assert "--add-subuids" in findings["user ids"]["remedy"]
    text = plashui("doctor").stdout
    assert "overlay mounts" in text

"""Unsaved changes from the command line: seen, counted, discarded, brought back."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Verb, processes_naming
from tests.people import Person
from tests.tools import du, leftovers, mounts_of, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

CHANGE = (
    "mkdir /new; head -c 3000000 /dev/zero >/new/big; echo x >>/etc/passwd;"
    " rm -r /usr/share/doc"
)


class Shell:
    """Shells in images, each left with what was changed undecided."""

    def __init__(self, person: Person, store: Path) -> None:
        """As this person, in this store."""
        self._person, self._store = person, store

    def words(self, image: str, script: str) -> list[object]:
        """The command line of one who runs the script, and decides nothing."""
        program = self._person.program(__file__, "undecided_shell.py")
        return [self._person.bin / "python3", program, self._store, image, script]

    def run(self, image: str, script: str = CHANGE) -> list[str]:
        """Run it; what it changed."""
        done = self._person.run(
            self.words(image, script), env={"PLASH_DATA": str(self._store)}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


@pytest.fixture
def shell(person: Person, store: Path) -> Shell:
    """Whoever uses shells."""
    return Shell(person, store)


def _listed(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_what_a_shell_changed_is_listed_path_by_path(shell: Shell, image: str) -> None:
    assert shell.run(image) == [
        "M /etc/passwd",
        "A /new",
        "A /new/big",
        "D /usr/share/doc",
        "D /usr/share/doc/x",
        "D /usr/share/doc/x/copyright",
    ]
    assert shell.run(image, "touch /x; rm /x; chmod 755 /bin") == []


def test_unsaved_changes_are_seen_and_counted_as_du_has_it(
    shell: Shell, plashui: Run, person: Person, store: Path, image: str
) -> None:
    shell.run(image)
    (place,) = (store / "kept").iterdir()
    assert f"─ unsaved changes {place.name}" in plashui("ls").stdout
    (told,) = _listed(plashui("ls", "--json"))[0]["unsaved"]
    assert told["changes"] == place.name
    assert 3_000_000 <= told["bytes"] < 3_200_000
    assert place.name in plashui("show", image).stdout
    assert _listed(plashui("show", "--json", image))["unsaved"][0]["bytes"]
    use = _listed(plashui("df", "--json"))
    assert use["unsaved"] >= told["bytes"]
    assert use["total"] == du(person, store)
    assert "in unsaved changes" in plashui("df").stdout


def test_discarded_changes_are_in_the_trash_and_come_back(
    shell: Shell, plashui: Run, plash: Verb, person: Person, store: Path, image: str
) -> None:
    shell.run(image)
    (place,) = (store / "kept").iterdir()
    said = plashui("rm", "--trash", place.name).stderr
    assert f"{place.name} discarded" in said
    assert _listed(plashui("ls", "--json"))[0]["unsaved"] == []
    assert f"{place.name} " in plashui("trash").stdout
    (told,) = _listed(plashui("trash", "--json"))
    assert told["changes"] == place.name
    assert told["removed"] > 0
    use = _listed(plashui("df", "--json"))
    assert (use["unsaved"], use["trash"]) == (0, told["bytes"])
    assert use["total"] == du(person, store)
    assert plashui("trash", "--empty", "--older", "1h").returncode == 0
    assert plashui("restore", place.name).stdout.strip() == place.name
    assert plash("run:persist", image, place, "ls", "/new").stdout == "big\n"
    refused = plashui("trash", "--empty", place.name)
    assert refused.returncode == 1, "it is not in the trash"
    plashui("rm", "--trash", place.name)
    assert "MB freed" in plashui("trash", "--empty").stderr
    assert not (store / "trash").exists()
    assert leftovers(store) == []
    assert plashui("restore", place.name).returncode == 1


def test_changes_whose_image_is_gone_are_listed_until_somebody_decides(
    shell: Shell, plashui: Run, store: Path, image: str
) -> None:
    shell.run(image)
    (place,) = (store / "kept").iterdir()
    told = plashui("rm", image).stderr
    assert f"unsaved changes of image {image} (3." in told
    assert "unsaved changes of images that are gone" in plashui("ls").stderr
    trash = plashui("trash")
    assert f"of image {image}, in {place}/data" in trash.stdout
    assert plashui("trash", "--empty").returncode == 0
    assert place.is_dir(), "nobody has discarded them"
    assert "MB freed" in plashui("trash", "--empty", place.name).stderr
    assert not place.exists()


def _in_use(store: Path) -> bool:
    """Whether somebody has an image mounted, or may still hold the lock of one."""
    return bool(mounts_of(store) or processes_naming(store))


def test_a_killed_app_loses_nothing_of_its_shell(
    shell: Shell, plashui: Run, person: Person, store: Path, image: str
) -> None:
    """The changes are there at once, and say that they were cut off."""
    words = shell.words(image, "echo dear >/dear; exec sleep 1000")
    app = person.start(words, env={"PLASH_DATA": str(store)}, stdin=subprocess.DEVNULL)

    def written() -> bool:
        return any((store / "kept").glob("*/data/dear"))

    wait_for(written, "the shell to change something")
    assert _listed(plashui("ls", "--json"))[0]["unsaved"][0]["running"]
    (place,) = (store / "kept").iterdir()
    refused = plashui("rm", "--trash", place.name)
    assert "a shell is still using" in refused.stderr
    app.send_signal(signal.SIGKILL)
    app.wait(30)
    wait_for(lambda: not _in_use(store), "the shell to end")
    assert plashui("clean").returncode == 0
    (told,) = _listed(plashui("ls", "--json"))[0]["unsaved"]
    assert told["cut_off"]
    assert (place / "data/dear").read_text() == "dear\n"
    assert leftovers(store) == []


def test_a_killed_app_whose_shell_changed_nothing_leaves_nothing(
    shell: Shell, plashui: Run, person: Person, store: Path, image: str
) -> None:
    words = shell.words(image, "exec sleep 1000")
    app = person.start(words, env={"PLASH_DATA": str(store)}, stdin=subprocess.DEVNULL)
    wait_for(lambda: mounts_of(store), "the shell to begin")
    assert plashui("clean").returncode == 0
    assert list((store / "kept").iterdir()), "it is not taken from a shell"
    app.send_signal(signal.SIGKILL)
    app.wait(30)
    wait_for(lambda: not _in_use(store), "the shell to end")
    assert plashui("clean").returncode == 0
    assert not (store / "kept").exists()
    assert leftovers(store) == []


def test_names_of_changes_are_printed_harmlessly(
    shell: Shell, plashui: Run, person: Person, store: Path, image: str
) -> None:
    """Whoever else may write to the store can call a directory as he likes."""
    shell.run(image)
    (place,) = (store / "kept").iterdir()
    name = f"{image}-\x1b]0;title\x07\u202e"
    person.run(["mv", place, place.with_name(name)], check=True)
    shown = f"{image}-\\x1b]0;title\\x07\\u202e"
    for words in (["ls"], ["show", image], ["rm", "--trash", name], ["trash"]):
        done = plashui(*words)
        assert done.returncode == 0, done.stderr
        said = done.stdout + done.stderr
        assert shown in said, words
        assert not {"\x1b", "\x07", "\u202e"} & {*said}, words


def test_changes_are_never_deleted_under_a_shell(
    shell: Shell, plashui: Run, person: Person, store: Path, image: str
) -> None:
    words = shell.words(image, "echo dear >/dear; exec sleep 1000")
    app = person.start(words, env={"PLASH_DATA": str(store)}, stdin=subprocess.DEVNULL)
    wait_for(lambda: any((store / "kept").glob("*/data/dear")), "the shell to begin")
    (place,) = (store / "kept").iterdir()
    assert plashui("rm", "--force", image).returncode == 0
    for force in ([], ["--force"]):
        refused = plashui("trash", *force, "--empty", place.name)
        assert refused.returncode == 1
        assert f"a shell is still using {place.name}" in refused.stderr
        assert "--force" not in refused.stderr, "it would not help"
    assert (place / "data/dear").read_text() == "dear\n"
    app.send_signal(signal.SIGKILL)
    app.wait(30)
    wait_for(lambda: not _in_use(store), "the shell to end")


def test_a_trash_that_is_refused_keeps_the_changes_too(
    shell: Shell, plashui: Run, person: Person, store: Path, image: str
) -> None:
    shell.run(image)
    (place,) = (store / "kept").iterdir()
    plashui("rm", "--trash", place.name)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    words = [person.bin / "plash", "run", image, "cat"]
    running = person.start(words, env={"PLASH_DATA": str(store)}, **pipes)
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(b"up\n")
    running.stdin.flush()
    assert running.stdout.readline() == b"up\n"
    assert plashui("rm", "--trash", "--force", image).returncode == 0
    refused = plashui("trash", "--empty")
    assert refused.returncode == 1
    assert f"image {image} is in use" in refused.stderr
    assert "--force" in refused.stderr
    assert place.name in plashui("trash").stdout
    running.stdin.close()
    running.wait()
    running.stdout.close()
    assert plashui("trash", "--empty").returncode == 0
    assert not (store / "trash").exists()


def test_a_word_that_is_wrong_costs_no_changes(
    shell: Shell, plashui: Run, store: Path, image: str
) -> None:
    shell.run(image)
    (place,) = (store / "kept").iterdir()
    for how in ([], ["--trash"]):
        assert plashui("rm", *how, place.name, "mistyped").returncode == 1
        assert place.is_dir()
    plashui("rm", "--trash", place.name)
    refused = plashui("restore", place.name, "mistyped")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert (store / "trash" / place.name).is_dir()

"""A signal ends a verb in order, and so that a shell sees what has ended it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.keyboard import at_a_terminal
from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers, wait_for
from tests.transfer.oci.images import Shelf, tar_of
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

LINES: Final = [
    *(["pull:tarfile", "t.tar"], ["pull:dir", "dir"], ["push:tarfile", "box", "o.tar"]),
    *(["push:dir", "box", "out"], ["squash", "top"], ["rm", "box"]),
    *(["rm", "--trash", "box"], ["shrink", "--names"], ["trash", "--empty"]),
    *(["ps"], ["diff", "top"], ["pull", "./t.tar"], ["pull:url", "file://HERE/t.tar"]),
    *(["pull:file", "layout"], ["pull:oci", "SHOP/one:1"], ["pull", "SHOP/one:1"]),
    *(["pull:folder", "SHOP/one:1", "folder"], ["push:folder", "box", "folder"]),
    *(["push:oci", "box", "SHOP/two:1"], ["push", "box", "SHOP/two:1"]),
    *(["push:file", "box", "o.oci.tar"], ["push", "box", "o.docker.tar"]),
    *(["push:squashfs", "box", "o.sqsh"], ["push:bundle", "box", "bundle"]),
    ["push:app", "box", "o.app"],
]
"""Verbs of Python, each of which starts the helper and waits for it."""


@pytest.fixture
def env(
    plashui: Run,
    image: str,
    playground: Path,
    person: Person,
    store: Path,
    registries: Registries,
) -> dict[str, str]:
    """A store with something for every verb, and a helper that never ends."""
    here = person.give(playground)
    registries.put_files("signals/one:1", {"etc/one": "one"})
    shelf = Shelf()
    shelf.image("it", [tar_of({"one": "1"})])
    shelf.layout(here / "layout", "it")
    person.run(["mkdir", here / "dir"], check=True)
    plashui("map", "box", image)
    top = plashui("build", image, "touch", "/x").stdout.strip()
    plashui("map", "top", top)
    gone = plashui("build", image, "touch", "/y").stdout.strip()
    plashui("rm", "--trash", gone)
    plashui("push:tarfile", image, here / "t.tar")
    hanging = here / "hanging"
    shutil.copy2(person.bin / "plash-app", here)
    shutil.copyfile(Path(__file__).parent / "programs/hanging_helper.sh", hanging)
    hanging.chmod(0o755)
    return {
        "PLASH_DATA": str(store),
        "PLASHUI_HELPER": str(hanging),
        "REAL": str(person.bin / "plash"),
        "HERE": str(here),
        "SHOP": f"{registries.plain}/signals",
        "TERM": "dumb",
    }


def words_of(person: Person, line: list[str], env: dict[str, str]) -> list[str]:
    """The words of one of LINES."""
    names = {key: env[key] for key in ("HERE", "SHOP")}
    for name, value in names.items():
        line = [word.replace(name, value) for word in line]
    return [str(person.bin / "plashui"), *line]


def forget_sizes(person: Person) -> None:
    """Take what is remembered of sizes away, so that each verb has to count."""
    person.run(["rm", "-rf", person.home / ".cache/plashui"], check=True)


def test_ctrl_c_ends_a_script_that_is_in_any_verb(
    person: Person, env: dict[str, str], store: Path
) -> None:
    here, before = Path(env["HERE"]), images(store)
    for line in LINES:
        forget_sizes(person)
        up = here / "up"
        up.unlink(missing_ok=True)
        script = 'for i in 1 2 3; do "$@"; echo NEXT; done; echo END'
        words = ["bash", "-c", script, "bash", *words_of(person, line, env)]
        with at_a_terminal(person, words, env, here) as keyboard:
            wait_for(up.exists, f"{line} to start the helper")
            keyboard.press("\x03")
            shown = keyboard.rest()
        assert "NEXT" not in shown, (line, shown)
        assert "END" not in shown, (line, shown)
        assert "Traceback" not in shown, (line, shown)
        assert images(store) == before, line
        assert leftovers(store) == [], line
        assert sorted(p.name for p in here.iterdir()) == [
            *("dir", "hanging", "layout", "plash-app", "store", "t.tar", "up")
        ], line


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_it_ends_by_the_signal_that_ended_it_and_nothing_is_half_made(
    person: Person, env: dict[str, str], store: Path, name: str
) -> None:
    number = signal.Signals[name]
    here, before = Path(env["HERE"]), images(store)
    for line in LINES:
        forget_sizes(person)
        up = here / "up"
        up.unlink(missing_ok=True)
        words = words_of(person, line, env)
        process = person.start(words, env=env, cwd=here, stderr=subprocess.PIPE)
        wait_for(up.exists, f"{line} to start the helper")
        process.send_signal(number)
        _out, said = process.communicate(timeout=60)
        assert process.returncode == -number, (line, said)
        assert b"Traceback" not in said
        assert images(store) == before, line
        assert leftovers(store) == [], line


NEVER: Final = {
    "purge": [],
    "serve": [],
    "pull:tarfile": ["HERE/never.tar"],
    "pull:url": ["http://NOBODY/never"],
    "pull:oci": ["NOBODY/never"],
    "pull:folder": ["NOBODY/never", "HERE/folder"],
    "push:oci": ["box", "NOBODY/never"],
    "show": ["--remote", "NOBODY/never"],
}
"""Verbs that wait for what never comes; NOBODY is a server that never answers."""


@pytest.mark.parametrize("verb", NEVER)
def test_ctrl_c_ends_a_script_that_waits_for_somebody(
    person: Person, env: dict[str, str], store: Path, verb: str
) -> None:
    here, before = Path(env["HERE"]), images(store)
    env = {key: env[key] for key in ("PLASH_DATA", "TERM")}
    person.run(["mkfifo", here / "never.tar"], check=True)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        contextlib.ExitStack() as held,
    ):
        nobody = f"127.0.0.1:{server.getsockname()[1]}"
        words = [
            word.replace("NOBODY", nobody).replace("HERE", str(here))
            for word in NEVER[verb]
        ]
        script = 'for i in 1 2 3; do "$@"; echo NEXT; done; echo END'
        command = ["bash", "-c", script, "bash", person.bin / "plash", verb, *words]
        with at_a_terminal(person, command, env, here) as keyboard:
            if verb in ("purge", "serve"):
                keyboard.shows(r"\[y/N\] |127\.0\.0\.1:\d+")
            elif verb == "pull:tarfile":
                held.callback(os.close, opened_by_a_reader(here / "never.tar"))
            else:
                server.settimeout(30)
                held.enter_context(server.accept()[0])  # heard, and never answered
            keyboard.press("\x03")
            shown = keyboard.rest()
    assert verb in ("serve", "show") or "interrupted" in shown
    assert "Traceback" not in shown
    assert not (here / "folder").exists()
    assert "NEXT" not in shown
    assert "END" not in shown
    assert images(store) == before
    assert leftovers(store) == []


def opened_by_a_reader(pipe: Path) -> int:
    """Open the other end of a pipe once somebody reads from it."""
    found: list[int] = []

    def is_read() -> bool:
        with contextlib.suppress(OSError):
            found.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(found)

    wait_for(is_read, f"{pipe} to be opened")
    return found[0]


def test_who_ignores_a_hang_up_is_not_ended_by_one(
    person: Person, store: Path, busybox_tar: Path
) -> None:
    words = ["nohup", person.bin / "plashui", "pull:tarfile"]
    env = {"PLASH_DATA": str(store)}
    process = person.start(
        words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    wait_for(lambda: leftovers(store), "the import to begin")
    process.send_signal(signal.SIGHUP)
    out, _err = process.communicate(busybox_tar.read_bytes(), timeout=60)
    assert (process.returncode, out) == (0, b"1\n")

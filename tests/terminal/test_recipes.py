"""Builds of macros on a real terminal: in the app, and a shell at the failed step."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Verb
from tests.terminal.conftest import Terminal
from tests.tools import images, leftovers, wait_for


def test_a_shell_at_the_failed_step_from_which_it_goes_on(
    terminal: Terminal, plash: Verb, store: Path, busybox_tar: Path
) -> None:
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    script = "-x 'echo one >/one' 'test -e /two' -l -x 'cat /one /two >/three'"
    terminal.type(f"plash build --debug --from {image} {script}")
    terminal.shows("test -e /two ended with status 1", "shell in 1")
    terminal.type("cat /one; echo t''wo >/two; pwd")
    terminal.shows("one", "/")
    terminal.type("exit 7")
    terminal.shows("[g]o on from here")
    terminal.type("g")
    terminal.shows("by hand", "[2/2]")
    wait_for(lambda: len(images(store)) == 3, "the last layer")
    made = str(images(store)[-1])
    assert plash("run", made, "cat", "/three").stdout == "one\ntwo\n"
    assert not (store / "kept").exists()
    assert leftovers(store) == []


def test_the_app_shows_what_a_build_would_do_and_does_it(
    terminal: Terminal, plash: Verb, store: Path, busybox_tar: Path
) -> None:
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    first = "--run 'echo 1 >/a' --layer"
    made = plash("build", "--from", image, "--run", "echo 1 >/a").stdout.strip()
    terminal.type("plashui")
    terminal.shows("2 images ·")
    terminal.press("Home", "b")
    terminal.shows("Build on image 1")
    terminal.tmux("send-keys", "-l", "--", f"{first} --run 'cat /a /none'")
    terminal.shows(f"image {made}", "to do: not done on image 2 before")
    terminal.press("Enter")
    terminal.shows("ended with status 1")
    terminal.press_until("q", "shell>")
    assert images(store) == [1, 2]
    assert leftovers(store) == []

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
    script += " 'test -e /four' -l -x 'cat /four'"
    terminal.type(f"plash build --debug --from {image} {script}")
    terminal.shows("test -e /two ended with status 1", "shell in 1")
    terminal.type("cat /one; echo t''wo >/two; pwd")
    terminal.shows("one", "/")
    terminal.type("exit 7")
    terminal.shows("[g]o on from here")
    terminal.type("g")
    terminal.shows("by hand", "[2/3]", "test -e /four ended with status 1")
    terminal.type("touch /fo''ur; exit")
    terminal.shows("shell in 2", "[g]o on from here")
    terminal.type("what")
    terminal.shows("g: go on, k: keep")
    terminal.type("g")
    wait_for(lambda: len(images(store)) == 4, "the last layer")
    made = str(images(store)[-1])
    assert plash("run", made, "cat", "/three").stdout == "one\ntwo\n"
    assert not (store / "kept").exists()
    assert leftovers(store) == []


def test_a_command_that_fails_keeps_its_state_if_that_is_wanted(
    terminal: Terminal, plash: Verb, store: Path, busybox_tar: Path
) -> None:
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    command = "sh -c 'echo 1 >/one; test -e /two'"
    terminal.type(f"plash build {image} {command}")
    terminal.shows("ended with status 1. `plash build --debug` opens")
    assert not (store / "kept").exists()
    terminal.type(f"plash build --debug {image} {command} >made")
    terminal.shows("no image made", "> sh -c", "shell in 1")
    terminal.type("cat /one; grep -ac te''st $HISTFILE; cp /one /two; exit")
    terminal.shows("[g]o on from here")
    terminal.type("k")
    terminal.shows("what failed was kept", "plash rm 1-")
    terminal.type(f"plash rm $(basename {store}/kept/*) && echo g''one")
    terminal.shows("gone")
    terminal.type(f"plash build --debug {image} {command} >made; cat made")
    terminal.shows("> sh -c", "shell in 1")
    terminal.type("cp /one /two; exit")
    terminal.shows("[g]o on from here")
    terminal.type("g")
    wait_for(lambda: len(images(store)) == 2, "the image")
    made = str(images(store)[-1])
    assert plash("run", made, "cat", "/one", "/two").stdout == "1\n1\n"
    assert "by hand" in plash("history", made).stdout
    assert not (store / "kept").exists()
    assert leftovers(store) == []


def test_the_app_makes_the_image_of_a_command_that_failed(
    terminal: Terminal, plash: Verb, store: Path, busybox_tar: Path
) -> None:
    plash("pull:tarfile", busybox_tar)
    terminal.type("plashui")
    terminal.shows("1 image ·")
    terminal.press("Home", "b")
    terminal.shows("Build on image 1")
    terminal.tmux("send-keys", "-l", "--", "sh -c 'echo 1 >/one; cat /two'")
    terminal.press("Enter")
    terminal.shows("failed: no image made")
    terminal.press("J")
    terminal.shows("it said  cat: can't open", "kept as")
    terminal.press("Enter")
    terminal.shows("> sh -c", "shell in 1, as in a build: its changes are kept")
    terminal.type("cp /one /two; exit")
    terminal.shows("Back from the failed build", "2 files", "Make the image")
    terminal.press_until("Enter", "Image 2")
    terminal.press_until("q", "shell>")
    assert plash("run", "2", "cat", "/two").stdout == "1\n"
    assert not (store / "kept").exists()
    assert leftovers(store) == []


def test_the_app_shows_a_plan_does_it_and_goes_on_after_a_failed_step(
    terminal: Terminal, plash: Verb, store: Path, busybox_tar: Path
) -> None:
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    first = "--run 'echo 1 >/a' --layer"
    made = plash("build", "--from", image, "--run", "echo 1 >/a").stdout.strip()
    terminal.type("plashui")
    terminal.shows("2 images ·")
    terminal.press("Home", "b")
    terminal.shows("Build on image 1")
    line = f"{first} --run 'echo 2 >/b' 'cat /a /none >/c' --layer --run 'cat /c'"
    terminal.tmux("send-keys", "-l", "--", line)
    terminal.press("Enter")
    terminal.shows("Plan: Build", f"image {made}", "not done on image 2 before")
    terminal.press("Enter")
    terminal.shows("ended with status 1")
    terminal.press("J")
    terminal.shows(
        "≡ 1/3", "✗ 2/3", "command  cat /a /none", "it said  cat: can't open"
    )
    terminal.press("Enter")
    terminal.shows("> cat /a /none", "shell in 2, as in a step of a build")
    terminal.type("cat /b; cat $HISTFILE | wc -l; cp /a /c")
    terminal.shows("2")
    terminal.type("exit")
    terminal.shows("Back from the failed step", "2 files", "Go on")
    terminal.press_until("Enter", "by hand")
    wait_for(lambda: len(images(store)) == 4, "the last layer")
    terminal.shows("done", "image 4")
    terminal.press_until("q", "shell>")
    assert plash("run", "4", "cat", "/a", "/b", "/c").stdout == "1\n2\n1\n"
    assert not (store / "kept").exists()
    assert leftovers(store) == []

"""The app in a real terminal: browse, shell, keep, remove, undo, resize, killed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Verb
from tests.terminal.conftest import (
    Count,
    Terminal,
    command_line,
    descendants,
    kill_app,
    running,
)
from tests.tools import images, leftovers, mounts_of, wait_for

pytestmark = pytest.mark.in_turn


@pytest.fixture
def busybox(plash: Verb, busybox_tar: Path) -> str:
    """An image to enter; the id."""
    done = plash("pull:tarfile", busybox_tar)
    assert done.returncode == 0, done.stderr
    image = done.stdout.strip()
    plash("map", "box", image)
    return image


def test_a_session_at_the_terminal(
    terminal: Terminal, plash: Verb, store: Path, many: Count, busybox_tar: Path
) -> None:
    many(10_000)
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    plash("map", "box", image)
    terminal.type("plashui")
    terminal.shows("10,001 images", "enter Shell")
    terminal.shows_no_more("~")

    # Browse: to the end, to the top, a page, find the one with a name.
    terminal.press("G")
    terminal.shows("busybox.tar")
    terminal.press("g")
    terminal.shows_no_more("busybox.tar")
    terminal.press("NPage")
    terminal.resize(80, 24)
    terminal.press("/")
    terminal.shows("filter:")
    terminal.type("box")
    terminal.shows("1 of 10,001")
    terminal.resize(120, 32)

    # A shell: an editor, Ctrl-C, Ctrl-Z and fg, resize in between.
    terminal.press("Enter")
    terminal.shows("plash run:persist", "#")
    terminal.type("cd /; vi /etc/motd")
    terminal.shows("/etc/motd")
    terminal.resize(100, 30)
    terminal.shows_last("/etc/motd")  # vi repaints over what is typed meanwhile
    terminal.press("i")
    terminal.shows("I /etc/motd")
    terminal.type("hello from vi")
    terminal.press("Escape")
    terminal.shows("- /etc/motd")
    terminal.type(":wq")
    terminal.type("clear; cat /etc/motd; tty && echo t''ty")
    terminal.shows("hello from vi", "tty")
    terminal.type("sleep 100")
    terminal.runs("sleep", "100")
    terminal.press("C-c")
    terminal.type("echo after $?")
    terminal.shows("after 130")
    terminal.type("sleep 100")
    terminal.runs("sleep", "100")
    terminal.press("C-z")
    terminal.shows("Stopped")
    terminal.type("fg")
    terminal.runs("sleep", "100")
    terminal.resize(120, 32)
    terminal.press("C-c")
    terminal.type("echo twice $?")
    terminal.shows("twice 130")
    loop = "until test \"$(stty size)\" = '32 120'; do sleep 0.1; done"
    terminal.type(f"{loop}; echo re''sized")
    terminal.shows("resized")
    terminal.type("exit 0")

    # Back, with what it changed; saved under a name.
    terminal.shows("Shell in", "A etc/motd", "Esc: decide later")
    terminal.type("edited")
    terminal.shows("Saved as image", "edited")
    child = plash("id", "edited").stdout.strip()
    assert plash("run", child, "cat", "/etc/motd").stdout.strip() == "hello from vi"
    assert leftovers(store) == []

    # Removed with a preview, and brought back, while the window changes.
    terminal.shows("1 of 10,002")
    terminal.press("Escape")
    terminal.shows_no_more("1 of 10,002")
    terminal.press("/")
    terminal.shows("filter:")
    terminal.type("edited")
    terminal.shows("edited")
    terminal.shows("1 of 10,002")
    terminal.press("d")
    terminal.shows("Move to the trash", "edited")
    terminal.resize(90, 28)
    terminal.press("Enter")
    terminal.shows_no_more("Move to the trash")
    assert int(child) in images(store), "the safe button has the focus"
    terminal.press("d")
    terminal.shows("Emptying the trash then frees")  # Back only, until then
    terminal.press_and_look("Tab")
    terminal.press("Enter")
    terminal.until(lambda _screen: int(child) not in images(store), "the removal")
    assert len(json.loads(plash("trash", "--json").stdout)) == 1
    terminal.press("u")
    terminal.until(lambda _screen: int(child) in images(store), "the undo")
    terminal.shows("edited")
    terminal.resize(120, 32)
    terminal.press("q")
    terminal.shows("shell>")
    assert terminal.ask("#{alternate_on}") == "0"
    assert plash("map", "edited").stdout == f"{child}\n"


def test_the_terminal_is_usable_after_the_app_was_killed(
    terminal: Terminal, store: Path, busybox: str
) -> None:
    terminal.type("plashui")
    terminal.shows("box", "enter Shell")
    kill_app(terminal)
    off = lambda _screen: terminal.ask("#{alternate_on}") == "0"  # noqa: E731
    terminal.until(off, "the main screen")
    terminal.type("stty -a | tr ' ' '\\n' | grep -c -E '^(icanon|echo|isig|opost);?$'")
    terminal.shows("4", "shell>")
    assert terminal.ask("#{mouse_any_flag}#{cursor_flag}") == "01"
    assert images(store) == [int(busybox)]


def test_killed_while_a_shell_runs_its_changes_are_there_at_the_next_start(
    terminal: Terminal, store: Path, plash: Verb, busybox: str
) -> None:
    terminal.type("plashui")
    terminal.shows("box", "enter Shell")
    terminal.press("Enter")
    terminal.shows("plash run:persist", "#")
    terminal.type("rm -r /usr; echo dear >/dear; echo gone''by")
    terminal.shows("goneby")
    ours = descendants(terminal.shell())
    kill_app(terminal)
    wait_for(lambda: mounts_of(store) == [], "the shell to end")
    # While one of them is there, a key may still be for it.
    wait_for(lambda: not any(map(running, ours)), "all to end")
    terminal.press("C-c")
    terminal.type("echo us''able")
    terminal.shows("usable")
    assert images(store) == [int(busybox)]
    assert plash("clean").returncode == 0
    assert leftovers(store) == []
    (change,) = json.loads(plash("ls", "--json").stdout)[0]["unsaved"]
    assert change["cut_off"]
    assert change["bytes"] > 0
    terminal.type("clear; plashui")
    terminal.shows("interrupted changes", "unsaved ")
    terminal.press("Enter")
    terminal.shows("Unsaved changes", "interrupted")
    terminal.press("Enter")
    terminal.shows("plash run:persist", "#")
    terminal.type("cat /dear | tr a-z A-Z; ls /usr | wc -l")
    terminal.shows("DEAR")
    terminal.type("exit 0")
    terminal.shows("Shell in", "D usr", "A dear")


def test_killed_while_it_asks_about_the_changes_they_are_kept(
    terminal: Terminal, store: Path, plash: Verb, busybox: str
) -> None:
    def shell(line: str, *there: str) -> None:
        terminal.shows("plash run:persist", "#")
        terminal.type(line)
        if there:
            terminal.shows(*there)
        terminal.type("exit 0")
        terminal.shows("Shell in", "1 added", " as a new image")

    terminal.type("plashui")
    terminal.shows("box", "enter Shell")
    terminal.press("Enter")
    shell("echo dear >/dear")
    kill_app(terminal)
    terminal.shows("shell>")
    assert images(store) == [int(busybox)]
    assert [p.name.partition("-")[0] for p in (store / "kept").iterdir()] == [busybox]

    # The next time they are offered, and become an image.
    terminal.type("clear; plashui")
    terminal.shows("box", "enter Shell")
    terminal.press("Enter")
    terminal.shows("Unsaved changes")
    terminal.press("Enter")
    shell("cat /dear | tr a-z A-Z", "DEAR")
    terminal.type("saved")
    terminal.shows("Saved as image", "saved")
    assert not (store / "kept").exists()
    assert leftovers(store) == []
    assert plash("run", "saved", "cat", "/dear").stdout == "dear\n"

    # What was just made and is discarded is in the trash, and comes back.
    terminal.press("Enter")
    shell("echo cheap >/cheap")
    terminal.press_and_look("Tab")
    terminal.press("Enter")
    terminal.shows("Changes discarded")
    wait_for(lambda: not (store / "kept").exists(), "the changes to go")
    (told,) = json.loads(plash("trash", "--json").stdout)
    assert told["bytes"] > 0
    assert plash("restore", told["changes"]).stdout.strip() == told["changes"]
    place = store / "kept" / told["changes"]
    saved = plash("id", "saved").stdout.strip()
    assert plash("run:persist", saved, place, "cat", "/cheap").stdout == "cheap\n"


def test_the_window_is_called_as_what_it_shows_and_as_before_afterwards(
    terminal: Terminal, store: Path, busybox: str
) -> None:
    def called(words: str) -> bool:
        return words in terminal.ask("#{pane_title}")

    terminal.type("printf '\\033]2;mi''ne\\033\\\\'")
    terminal.until(lambda _screen: called("mine"), "the title")
    terminal.type("plashui")
    terminal.shows("box", "enter Shell")
    terminal.until(lambda _screen: called(f"plashui {store}"), "the app's title")
    terminal.press("Enter")
    terminal.shows("plash run:persist", "#")
    terminal.until(lambda _screen: called("box"), "the image's title")
    terminal.type("exit 0")
    terminal.until(lambda _screen: called(f"plashui {store}"), "the app's title")
    terminal.press_until("q", "shell>")
    terminal.until(lambda _screen: called("mine"), "the title of before")
    assert images(store) == [int(busybox)]


def test_an_empty_store_says_what_to_do(terminal: Terminal) -> None:
    terminal.type("plashui")
    screen = terminal.shows("import an image", "demo")
    assert "0 images" in screen or "no images" in screen.lower()
    terminal.press("q")
    terminal.shows("shell>")


def test_the_demo_opens_and_says_where_its_store_is(
    terminal: Terminal, playground: Path
) -> None:
    place = playground / "demo"
    terminal.type(f"plashui demo {place}")
    terminal.shows("debian", "node-20", "19 images")
    (within,) = running_in_images(terminal)
    terminal.press("q")
    screen = terminal.shows("The demo's store is", "keep it", "remove it")
    assert "plash" in screen
    assert subprocess.run(["test", "-d", place / "layer"]).returncode == 0
    assert not running(within)


def test_what_runs_in_the_demo_ends_with_an_app_that_is_killed(
    terminal: Terminal, playground: Path
) -> None:
    terminal.type(f"plashui demo {playground / 'demo'}")
    terminal.shows("debian", "node-20", "19 images")
    (within,) = running_in_images(terminal)
    kill_app(terminal)
    wait_for(lambda: not running(within), "the end of what runs in the demo")


def running_in_images(terminal: Terminal) -> list[int]:
    """What the demo runs in an image, by process id."""
    found: list[int] = []

    def look() -> bool:
        below = descendants(terminal.shell())
        found[:] = [pid for pid in below if command_line(pid).startswith(b"tail\0")]
        return bool(found)

    wait_for(look, "a process in an image")
    return found

"""The terminal goes away, or the app fails: nothing of ours is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import Verb
from tests.people import Person
from tests.terminal.conftest import Terminal, descendants, running
from tests.tools import images, mounts_of, wait_for


@pytest.fixture
def busybox(plash: Verb, busybox_tar: Path) -> str:
    """An image to enter; the id."""
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    plash("map", "box", image)
    return image


@pytest.fixture
def pipe(playground: Path, person: Person) -> Path:
    """A file that never ends: a job that reads it goes on for ever."""
    person.run(["mkfifo", playground / "pipe.tar"], check=True)
    return playground / "pipe.tar"


def begin_import(terminal: Terminal, pipe: Path) -> None:
    """A job that does not end by itself."""
    terminal.type("plashui")
    terminal.shows("box", "enter Shell")
    terminal.press("p")
    terminal.shows("Import a root filesystem")
    terminal.press("Up", "Right", "Right")
    terminal.shows("● file", "if there are several")
    terminal.press("Down")
    terminal.type(str(pipe))
    terminal.shows("Import pipe.tar")


def hang_up(terminal: Terminal) -> None:
    """Take the terminal away; wait until nothing that ran in it is left.

    Another window keeps the server, so that it can be closed as ever.
    """
    shell = terminal.shell()
    ours = [shell, *descendants(shell)]
    assert len(ours) > 2, "the app and its helpers run"
    pane = terminal.ask("#{pane_id}")
    terminal.tmux("new-window", "sleep", "1000")
    terminal.tmux("kill-pane", "-t", pane)

    def left() -> list[int]:
        return [pid for pid in ours if running(pid)]

    try:
        wait_for(lambda: not left(), "all to end")
    except AssertionError:
        words = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left()]
        pytest.fail(f"still there: {words}")


def test_a_terminal_that_goes_away_takes_a_job_with_it(
    terminal: Terminal, store: Path, busybox: str, pipe: Path
) -> None:
    begin_import(terminal, pipe)
    writer = os.open(pipe, os.O_WRONLY)  # the job reads, and waits for more
    try:
        hang_up(terminal)
    finally:
        os.close(writer)
    assert mounts_of(store) == []
    assert images(store) == [int(busybox)]


def test_a_terminal_that_goes_away_unsaid_takes_the_app_with_it(
    terminal: Terminal, busybox: str
) -> None:
    assert busybox
    terminal.type("trap '' HUP")  # the session's leader, which alone is told of it
    terminal.type("plashui")
    terminal.shows("box", "enter Shell")
    wait_for(lambda: len(descendants(terminal.shell())) > 1, "its helpers to run")
    hang_up(terminal)


def test_a_terminal_that_goes_away_takes_a_shell_and_a_job_with_it(
    terminal: Terminal, store: Path, busybox: str, pipe: Path
) -> None:
    begin_import(terminal, pipe)
    writer = os.open(pipe, os.O_WRONLY)
    try:
        terminal.press("Enter")
        terminal.shows("plash run:persist", "#")
        terminal.type("sleep 1000")
        terminal.runs("sleep", "1000")
        hang_up(terminal)
    finally:
        os.close(writer)
    assert mounts_of(store) == []
    assert images(store) == [int(busybox)]


def test_a_helper_that_hangs_ends_with_the_app_and_holds_nobody_up(
    terminal: Terminal, busybox: str, playground: Path, person: Person
) -> None:
    assert busybox
    stuck = playground / "stuck"
    code = (
        "#!/bin/sh\n"
        f'[ "$1" = engine:guard ] && exec {person.bin}/plash "$@"\n'
        "exec sleep 1000\n"
    )
    person.run(["tee", stuck], input=code, check=True)
    person.run(["chmod", "755", stuck], check=True)
    terminal.type(f"PLASHUI_HELPER={stuck} plashui")
    terminal.shows("box", "enter Shell")
    terminal.press("d")
    terminal.shows("Checking …")
    terminal.runs("sleep", "1000")
    ours = descendants(terminal.shell())
    terminal.press("Escape")
    terminal.shows_no_more("Checking …")
    terminal.press("q")
    terminal.shows("shell>")
    wait_for(lambda: not any(map(running, ours)), "all to end")


def test_an_app_that_fails_leaves_a_sentence_and_a_terminal_that_works(
    terminal: Terminal, store: Path, busybox: str, playground: Path, person: Person
) -> None:
    assert images(store) == [int(busybox)]
    script = playground / "odd.py"
    code = (
        "import sys\n"
        "from plashui.cli import main\n"
        "from plashui.ui.widgets.tree_table import TreeTable\n"
        "TreeTable.sort = lambda table, order, **_: 1 / 0\n"
        "sys.argv = ['plashui']\n"
        "sys.exit(main())\n"
    )
    person.run(["tee", script], input=code, check=True)
    terminal.type(f"XDG_STATE_HOME={playground} {person.bin}/python3 {script}")
    terminal.shows("box", "enter Shell")
    terminal.press("s")
    terminal.shows("Sort by")
    terminal.press("s")
    screen = terminal.shows("plash error: unexpected error", "shell>")
    assert "ZeroDivisionError" in screen
    assert "Traceback" not in screen
    terminal.type("echo status $?")
    terminal.shows("status 1")
    log = person.run(["cat", playground / "plashui/log"], check=True).stdout
    assert "Traceback" in log

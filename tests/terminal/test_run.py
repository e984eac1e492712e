"""Commands and isolated shells on a real terminal, and changes gone on with."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Verb
from tests.terminal.conftest import Terminal
from tests.tools import leftovers, mounts_of, wait_for


def test_a_command_its_output_and_what_becomes_of_its_changes(
    terminal: Terminal, plash: Verb, store: Path, busybox_tar: Path
) -> None:
    image = plash("pull:tarfile", busybox_tar).stdout.strip()
    terminal.type("plashui")
    terminal.shows("1 image ·", "enter Shell")
    terminal.press("x")
    terminal.shows("Run in image", "Environment")
    terminal.type("sh -c 'echo t''wo >/kept; cat /kept; echo $WHO'")
    terminal.shows("two", "The command ended with status 0. Enter goes back.")
    terminal.press("Enter")
    terminal.shows("Command in", "1 added", "Esc: decide later")

    # Gone on with, from the app and from the shell.
    terminal.press("Escape")
    terminal.shows("Changes kept unsaved")
    (place,) = (store / "kept").iterdir()
    assert plash("run:persist", image, place, "cat", "/kept").stdout == "two\n"
    terminal.press("Enter")
    terminal.shows("Unsaved changes", "sh -c")
    terminal.press("Enter")
    terminal.shows("The command ended with status 0. Enter goes back.")
    terminal.press("Enter")
    terminal.shows("Command in", "Already saved for later")
    terminal.type("made")
    terminal.shows("Saved as image")
    assert plash("run", "made", "cat", "/kept").stdout == "two\n"
    assert not (store / "kept").exists()

    # Isolated: its own processes; nothing is left when it ends.
    terminal.press("X")
    terminal.shows("plash run:persist --isolate", "#")
    terminal.type("echo pid $$ $(ls /home | wc -l)")
    terminal.shows("pid 2 0")
    terminal.type("exit 0")
    terminal.shows("Nothing changed")
    terminal.press_until("q", "shell>")
    wait_for(lambda: not mounts_of(store), "all mounts to go")
    assert leftovers(store) == []

"""Commands as they are typed into a form, and builds without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.helper.listing import Entry
from plashui.image.diff import Change
from plashui.operations.session import Changes
from plashui.store.store import Store
from plashui.ui.model.builds.form import build_form
from plashui.ui.model.forms.run import run_form
from plashui.ui.model.forms.typed import command_of, needs_shell
from plashui.ui.model.jobs.job import Outcome
from tests.ui.driving import opened, shows, told
from tests.ui.test_doing import fill


@pytest.mark.parametrize(
    "line",
    [
        *("a && b", "a;b", "a | b", "a > b", "echo $HOME", 'echo "$(id)"', "ls *.c"),
        *("A=1 b", "cat < x", "cd ~/x", "a # no", "echo `id`", "a &", "ls x?"),
    ],
)
def test_what_only_a_shell_understands_goes_to_one(line: str) -> None:
    assert command_of(line) == ("sh", "-c", line)
    run = run_form(7).line({"command": line, "changes": "throw"})
    assert run.startswith("plash run 7 sh -c ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ()),
        ("make 'a b'", ("make", "a b")),
        (r"echo a\ b \$x '$y' 'a;b' \;", ("echo", "a b", "$x", "$y", "a;b", ";")),
        ('sh -c "a b" --x=1', ("sh", "-c", "a b", "--x=1")),
        ("curl http://x/a~b#c", ("curl", "http://x/a~b#c")),
        ("sh -c 'a && b'", ("sh", "-c", "a && b")),
    ],
)
def test_all_else_is_run_as_it_is(line: str, words: tuple[str, ...]) -> None:
    assert not needs_shell(line)
    assert command_of(line) == words


def test_a_line_that_is_not_whole_is_refused() -> None:
    for line in ("a && 'b", 'echo "$x'):
        with pytest.raises(PlashError, match="no closing quotation"):
            command_of(line)


async def test_a_build_without_a_command_is_a_shell_whose_changes_get_the_name(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shell:
        image, line, place, resumed = 1, "plash run:persist 1 /x", "/x", False
        way = type("W", (), {"command": ()})

        def run(self) -> int:
            return 0

        def park(self) -> None:
            """Nothing to do."""

        def gone(self) -> str:
            return ""

        def paths(self, **_options: Any) -> list[Change]:
            return [Change("/x", None, Entry("x", "-", 0, 0, 0, 1, 1, 0))]

        def changed(self) -> bool:
            return True

        def changes(self) -> Changes:
            return Changes(1, 4096)

        def discard(self) -> None:
            """Nothing to do."""

    @contextmanager
    def session(*_words: Any, **_options: Any) -> Iterator[Shell]:
        yield Shell()

    monkeypatch.setattr("plashui.ui.screens.shell.shell_session", session)
    form = build_form(sample, 7, sample.read())
    assert form.line({"command": ""}) == "plash build 7"
    async with opened(sample) as (app, pilot):
        await pilot.press("b")
        await shows(pilot, "leave empty for a shell")
        fill(app, name="made")
        await pilot.press("enter")
        await shows(pilot, "Shell in 1", "made", "Enter saves")


async def test_pages_have_the_palette_and_the_help(sample: Store) -> None:
    async with opened(sample, (120, 50)) as (app, pilot):
        app.jobs.add("x", lambda _r, _c: Outcome("")).run()
        await pilot.press("d")
        await shows(pilot, "Move to the trash")
        await pilot.press("right", "enter")
        await told(pilot, "Moved ")
        await pilot.press("T")
        await shows(pilot, "1 removal", "Older than …")
        await pilot.press("ctrl+p", *"older")
        await shows(pilot, "Older than … (o)")
        await pilot.press("escape", "question_mark")
        await shows(pilot, "plash trash --empty --older AGE")
        await pilot.press("escape", "escape", "J")
        await shows(pilot, "1 in all")
        await pilot.press("ctrl+p", *"clear")
        await shows(pilot, "Clear finished (c)")
        await pilot.press("enter")
        await shows(pilot, "No jobs yet")

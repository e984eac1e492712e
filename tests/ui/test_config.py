"""How an image is meant to be run: shown in the details, and changed by a form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from plashui.base.errors import PlashError
from plashui.image.config_of import effective_config
from plashui.model.config_changes import Changes, changed
from plashui.operations.set_config import set_config
from plashui.store.store import Store
from plashui.ui.model.forms.config import Wanted, config_form
from tests.ui.driving import opened, shows, table_of, told, until
from tests.ui.test_doing import fill, objects

FULL: dict[str, Any] = {
    "Env": ["PATH=/bin", "A=x y", "EVIL=\x1b[2J\n"],
    "Entrypoint": ["/bin/sh", "-c", "a && b"],
    "Cmd": ["two words", "é"],
    "User": "me",
    "WorkingDir": "/my dir",
    "Volumes": {"/data": {}},
    "ExposedPorts": {"80/tcp": {}},
    "Labels": {"a": "b c"},
    "StopSignal": "SIGQUIT",
}
WANTED = Wanted(1, FULL)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is counted, nobody runs, and nothing is remembered of before."""
    monkeypatch.setattr(
        "plashui.store.disk_usage.measure", lambda _s, forest, *_w, **_k: forest
    )
    monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: [])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def filled(**values: str) -> Changes:
    """The changes of a form in which these fields were edited."""
    return WANTED.changes({**WANTED.texts(), **values})


def test_a_form_that_is_left_as_it_is_changes_nothing() -> None:
    assert filled() == Changes()
    assert all(text.isprintable() for text in WANTED.texts().values())


def test_what_is_edited_changes_and_nothing_else() -> None:
    env = WANTED.texts()["env"].replace("PATH=/bin", "").replace("x y", "z") + " B=1"
    assert filled(env=env) == Changes(env=("PATH-", "A=z", "B=1"))
    assert filled(env="") == Changes(env=("PATH-", "A-", "EVIL-"))
    assert filled(label="a=d e=f") == Changes(label=("a=d", "e=f"))
    assert filled(volume="/data /x", expose="53/udp") == Changes(
        volume=("/x",), expose=("80/tcp-", "53/udp")
    )
    assert filled(user="", workdir="/", stop_signal="9") == Changes(
        user="", workdir="/", stop_signal="9"
    )


def test_a_command_is_words_a_line_for_a_shell_or_json() -> None:
    for text, words in (
        ("a 'b c'", ["a", "b c"]),
        ("a && b", ["/bin/sh", "-c", "a && b"]),
        ('["a", "b"]', ["a", "b"]),
        ("", []),
    ):
        assert changed(FULL, filled(cmd=text)).get("Cmd", []) == words
    # As the form shows it, unlike in a Containerfile.
    both = changed(FULL, filled(entrypoint="/x"))
    assert (both["Entrypoint"], both["Cmd"]) == (["/x"], FULL["Cmd"])


def test_the_form_says_what_is_wrong_and_the_line_stays(sample: Store) -> None:
    form = config_form(sample, Wanted(1, FULL), sample.read())
    texts = WANTED.texts()
    for values, why in (
        ({}, "Nothing is changed"),
        ({"env": "A='"}, "no closing quotation"),
        ({"env": "1=2"}, "cannot set '1=2'"),
        ({"user": "a b"}, "the user"),
    ):
        with pytest.raises(PlashError, match=why):
            form.check({**texts, **values})
        assert form.line({**texts, **values}).startswith("plash config 1")
    values = {**texts, "user": "you", "how": "amend"}
    assert form.line(values) == "plash config 1 --user you --amend"


async def test_the_config_is_changed_by_a_form_and_shown(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("c")
        await shows(pilot, "Config of image 1", "$ plash config 1")
        await pilot.press("enter")
        await objects(pilot, "Nothing is changed")
        fill(app, env="LANG=C 'A=x y'", expose="http")
        await pilot.press("enter")
        await objects(pilot, "cannot use the port 'http'")
        fill(app, expose="80", cmd="make all", name="run me")
        await pilot.press("enter")
        await told(pilot, "has the new config")
        made = sample.get_name("run me")
        await until(pilot, lambda: table_of(app).image == made)
        await shows(pilot, "make all", "LANG=C, A=x y", "80/tcp")
        assert made
        assert sample.read().images[made].parent == 1
        await pilot.press("c")
        await shows(pilot, f"Config of image {made}")
        assert app.screen.query_one("#env", Input).value == "LANG=C 'A=x y'"
        fill(app, env="LANG=C", user="me")
        app.screen.query_one("#how").focus()
        await pilot.press("right")
        await shows(pilot, f"$ plash config {made} --env A- --user me --amend")
        await pilot.press("enter")
        await told(pilot, f"Config of image {made} changed")
        await shows(pilot, "as          me")
        config = effective_config(sample, made)["config"]
        assert (config["Env"], config["User"]) == (["LANG=C"], "me")


async def test_what_is_built_on_it_shows_the_config_that_it_takes(
    sample: Store,
) -> None:
    set_config(sample, 1, Changes(cmd='["below"]'), amend=True)
    async with opened(sample) as (_app, pilot):
        await pilot.press("down", "l")
        await shows(pilot, "below")

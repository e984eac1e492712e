"""Every action that makes, moves or marks something, from key to disk."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Button, Input, Static

from plashui.base.errors import PlashError
from plashui.base.progress import Progress, Report
from plashui.store import marks
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.transfer.imports import tarball
from plashui.transfer.imports.directory import Copied
from plashui.transfer.onefile.make import Look
from plashui.transfer.onefile.options import AppOptions
from plashui.ui.dialogs.form import FormScreen
from plashui.ui.dialogs.question import Question
from plashui.ui.dialogs.squash import SquashScreen
from plashui.ui.widgets.choice import Choice
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    shows,
    table_of,
    text_of,
    told,
    until,
    view_of,
)
from tests.ui.test_hostile import harmless


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is counted, nobody runs, and nothing is remembered of before."""
    monkeypatch.setattr(
        "plashui.store.disk_usage.measure", lambda _s, forest, *_w, **_k: forest
    )
    monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: [])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def fill(app: Any, **values: str) -> None:
    """Type into fields of the form on top."""
    for name, value in values.items():
        app.screen.query_one(f"#{name}", Input).value = value


async def objects(pilot: Any, why: str) -> None:
    """Wait until the form on top says what is wrong, however its lines are broken."""

    def said() -> bool:
        told = pilot.app.screen.query("#trouble, #wrong").results(Static)
        return any(why in str(one.visual) for one in told if one.display)

    await until(pilot, said, why)


async def test_a_build_runs_in_the_background_and_its_image_is_shown(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def build(
        store: Store, parent: int, way: Way, *, report: Report, **more: Any
    ) -> int:
        assert (parent, way.command) == (1, ("sh", "-c", "make all"))
        assert way.home != "shared"
        report(Progress("cc -o x", 1, None, "lines"))
        go_on.wait(10)
        more["cancel"].check()
        (store.path / "layer/0/1/18/_data/root").mkdir(parents=True)
        (store.path / "index/18").symlink_to("../layer/0/1/18")
        return 18

    monkeypatch.setattr("plashui.operations.build.build", build)
    async with opened(sample) as (app, pilot):
        await pilot.press("b")
        await shows(pilot, "$ plash build 1")
        fill(app, command="sh -c 'make all", name="..")
        await pilot.press("enter")
        await shows(pilot, "the command: no closing quotation")
        fill(app, command="sh -c 'make all'")
        await pilot.press("enter")
        await shows(pilot, "'..' cannot be a name")
        fill(app, name="made")
        await shows(pilot, "$ plash map made $(plash build 1 sh -c 'make all')")
        await pilot.press("enter")
        await shows(pilot, "Build sh -c 'make all' on 1", "1 line")
        go_on.set()
        await told(pilot, "image 18 (made)")
        await until(pilot, lambda: table_of(app).image == 18)
        assert sample.get_name("made") == 18
        await pilot.press("b", "up")
        await shows(pilot, "$ plash build 18 sh -c 'make all'")


async def test_an_import_remembers_its_source(
    nothing: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def from_url(_store: Store, url: str, *, sha256: str, **_more: Any) -> Any:
        asked.append((url, sha256))
        raise PlashError("the server at x says 404 Not Found")

    def from_directory(_store: Store, place: Path, **_more: Any) -> Copied:
        asked.append((str(place), ""))
        return Copied(tarball.Imported(1, 0, 2), 3, ("/proc",))

    monkeypatch.setattr("plashui.transfer.web.url.downloaded", from_url)
    monkeypatch.setattr(
        "plashui.transfer.imports.directory.import_directory", from_directory
    )
    async with opened(nothing) as (app, pilot):
        await pilot.press("p", "up", "left", "left")
        await shows(pilot, "SHA-256")
        digest = "a" * 64
        fill(app, url="https://u:secret@example.org/root.tar.xz", sha256=digest)
        await pilot.press("down", "enter")
        await told(pilot, "Import root.tar.xz failed: the server at x says 404")
        await pilot.press("p")
        await shows(pilot, "● URL", "https://example.org/root.tar.xz")
        assert app.screen.query_one("#name", Input).value == ""
        await pilot.press("up", "right")
        fill(app, directory="/")
        await shows(pilot, "$ plash pull:dir /")
        await pilot.press("down", "enter")
        await told(pilot, "image 1; 1 mount left out: /proc; 3 files of other users")
    assert asked == [
        ("https://u:secret@example.org/root.tar.xz", digest),
        ("/", ""),
    ]


async def test_an_app_is_made_as_the_form_says_and_can_be_started(
    sample: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[Any] = []
    started: list[list[str]] = []
    icon = tmp_path / "i.svg"
    icon.write_text("<svg/>")

    def make(_store: Store, image: int, target: Path, *how: Any, **more: Any) -> None:
        made.append((image, target, *how, more["compression"]))

    def at_terminal(argv: list[str]) -> int:
        started.append(argv)
        return 0

    monkeypatch.setattr("plashui.transfer.onefile.make.export_app", make)
    monkeypatch.setattr("plashui.helper.command.at_terminal", at_terminal)
    monkeypatch.setattr(
        "plashui.ui.screens.shell.ImageShell.lend",
        lambda _self, _line, run, _what, **_more: run(),
    )
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "E", "up", *(["right"] * 5))
        await shows(pilot, "$ plash push:app 2 FILE", "one executable file")
        fill(app, app_file=f"{tmp_path}/dev", app_arg="x:mount")
        await pilot.press("down", "enter")
        await objects(pilot, "the kind is one of bind, env, instance, output")
        assert app.focused is app.screen.query_one("#app_arg")
        fill(app, app_arg="-n:instance", app_cmd="id")
        await pilot.press(*["down"] * 4, "right")  # More
        fill(app, app_icon=f"{tmp_path}/none.png")
        await pilot.press("enter")
        await objects(pilot, f"cannot read {tmp_path}/none.png")
        assert app.focused is app.screen.query_one("#app_icon")
        fill(app, app_icon=str(icon), app_name="deep", app_entrypoint="sh -c")
        await pilot.press("enter")
        await told(pilot, "dev: written")
        await shows(pilot, "Start it?")
        await pilot.press("right", "enter")
        await until(pilot, lambda: bool(started))
    options = AppOptions("deep", "id", "sh -c", arguments=("-n:instance",))
    look = Look(icon)
    assert made == [(2, tmp_path / "dev", options, look, "zstd")]
    assert started == [[f"{tmp_path}/dev"]]


async def test_an_export_asks_before_it_takes_the_place_of_a_file(
    sample: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[tuple[int, Path]] = []

    def export_tar(_store: Store, image: int, target: Path, **_more: Any) -> None:
        written.append((image, target))

    monkeypatch.setattr("plashui.transfer.exports.tree.export_tar", export_tar)
    (tmp_path / "old.tar").touch()
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "E", "enter")
        await shows(pilot, "Which file?")
        for wrong, why in (
            (f"{tmp_path}/x.zip", "zip"),
            (f"{tmp_path}/no/x.tar", "There is no directory"),
            (str(tmp_path), "is a directory"),
        ):
            fill(app, file=wrong)
            await pilot.press("enter")
            await objects(pilot, why)
        fill(app, file=f"{tmp_path}/old.tar")
        await pilot.press("enter")
        await shows(pilot, "Replace the file?")
        await pilot.press("escape", "E")
        await shows(pilot, "old.tar")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("right", "enter")
        await told(pilot, "old.tar: written")
        assert written == [(2, tmp_path / "old.tar")]
        await pilot.press("E", "up", "right")
        (tmp_path / "full").mkdir()
        (tmp_path / "full/x").touch()
        fill(app, copy=f"{tmp_path}/full")
        await pilot.press("down", "enter")
        await objects(pilot, f"{tmp_path}/full is not empty. Choose a new name")


async def test_pins_are_set_for_all_that_is_marked_and_taken_out(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("P")
        await told(pilot, "Pinned image 1")
        await pilot.press("space", "space", "P")
        await told(pilot, "Pinned 2 images")
        assert marks.pinned(sample.root) == {1, 2}
        await pilot.press("P")
        await told(pilot, "Unpinned 2 images")
        assert marks.pinned(sample.root) == set()
        lines = ["plash pin 1", "plash pin 1 2", "plash pin --off 1 2"]
        assert app.lines_run == lines


async def test_a_note_is_written_shown_and_changed(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("N", *"old [x]", "enter")
        await told(pilot, "Note saved")
        await shows(pilot, "note        old [x]")
        await pilot.press("N", "end", "1", "enter")
        await until(pilot, lambda: marks.note_of(sample, 1) == "old [x]1")
        await shows(pilot, "note        old [x]1")
        await pilot.press("N", "escape")
        assert marks.note_of(sample, 1) == "old [x]1"


async def test_an_image_is_mounted_and_unmounted_by_one_key(
    sample: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounted: list[str] = []
    stood: list[int] = []

    def mount(_store: Store, _image: int, place: Path) -> None:
        if "fuse" in str(place):
            raise PlashError("fuse-overlayfs is not installed")
        mounted.append(str(place))

    def unmount(_store: Store, place: str) -> None:
        mounted.remove(place)

    def stand_in(_store: Store, image: int) -> int:
        stood.append(image)
        return 0

    monkeypatch.setattr("plashui.operations.mount.places", lambda _s, _i: list(mounted))
    monkeypatch.setattr("plashui.operations.mount.mount", mount)
    monkeypatch.setattr("plashui.operations.mount.unmount", unmount)
    monkeypatch.setattr("plashui.operations.mount.stand_in", stand_in)
    async with opened(sample) as (app, pilot):
        await pilot.press("m")
        await shows(pilot, "$ plash mount 1 DIR")
        fill(app, mountpoint=f"{tmp_path}/m")
        await pilot.press("enter")
        await told(pilot, "Mounted image 1 at")
        await pilot.press("m")
        await shows(pilot, "Image 1 is mounted at", "Unmount?")
        await pilot.press("right", "enter")
        await told(pilot, "Unmounted ")
        assert mounted == []
        await pilot.press("m")
        await shows(pilot, "Mount image 1")
        fill(app, mountpoint=f"{tmp_path}/fuse")
        await pilot.press("enter")
        await shows(pilot, "fuse-overlayfs is not installed", "Open shell")
        await pilot.press("right", "enter")
        await until(pilot, lambda: stood == [1])


async def test_clean_says_what_it_did(sample: Store) -> None:
    (sample.path / "tmp/plashtmp_1_4194305_x").mkdir()
    async with opened(sample) as (_app, pilot):
        await until(
            pilot, lambda: not any((sample.path / "tmp").iterdir()), "the first sweep"
        )
        (sample.path / "tmp/plashtmp_1_4194305_y").mkdir()
        (sample.path / "tmp/plashtmp_1_4194305_y/file").write_bytes(b"x" * 4096)
        await pilot.press("C", "right", "enter")
        await told(pilot, "Clean up: 1 leftover removed, ")


@pytest.mark.usefixtures("still")
async def test_a_squash_says_what_it_saves_and_makes_just_that(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plashui.image.union.allocated", lambda _tree: 200_000_000)
    for size in [(120, 32), (60, 17)]:
        async with opened(sample, size) as (app, pilot):
            await pilot.press("j", "j", "z")
            await shows(pilot, "3 layers of 240 MB become one")
            await matches_golden(pilot, f"squash-{size[0]}x{size[1]}")
            await pilot.press("down", "down")
            await shows(pilot, "nothing to squash: image 17 is a single layer")
            assert app.screen.query_one("#go", Button).disabled
            await pilot.press("enter")
            assert isinstance(app.screen, SquashScreen)
            await pilot.press("up")
            await shows(pilot, "2 layers of 78 MB become one")
            if size[0] == 60:
                await pilot.press("tab", *"flat", "enter")
                await told(pilot, "Squash 17: image 18 (flat)")
    assert sample.get_name("flat") == 18
    assert sample.layer(18) == "layer/0/1/18"


@pytest.mark.usefixtures("still")
async def test_forms_fit(sample: Store) -> None:
    for size in ((120, 32), (60, 17)):
        async with opened(sample, size) as (app, pilot):
            name = f"{size[0]}x{size[1]}"
            await pilot.press("x", *"make", "down", "right")
            await shows(pilot, "$ plash run:persist --isolate 1 DIR make", "Volumes")
            await matches_golden(pilot, f"run-{name}")
            await pilot.press("escape", "p")
            await shows(pilot, "Import a root filesystem")
            await matches_golden(pilot, f"import-{name}")
            await pilot.click(Choice, offset=(14, 0))
            await shows(pilot, "$ plash pull:docker IMAGE")
            await pilot.press("escape", "E")
            await shows(pilot, "Export image 1")
            await matches_golden(pilot, f"export-{name}")
            await pilot.press("escape", "b")
            await shows(pilot, "Build on image 1")
            await matches_golden(pilot, f"build-{name}")
            await pilot.press("escape")
            assert app.is_running


@pytest.mark.usefixtures("still")
async def test_keys_typed_ahead_go_to_the_field_that_is_chosen(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("p")
        await shows(pilot, "Import a root filesystem")
        await pilot.press("up", "right", "right")
        await shows(pilot, "● file", "if there are several")
        # All at once: if the choice heard `h` and `l`, the source would change.
        for key in ["down", *"/hl", "down", "down", "n"]:
            character = key if len(key) == 1 else None
            app.post_message(events.Key({"/": "slash"}.get(key, key), character))
        await shows(pilot, "● file", "$ plash map n $(plash pull:file /hl)")
        await pilot.press("escape")


async def test_a_field_hears_what_is_typed_at_once_in_its_order(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("r")
        await shows(pilot, "Name of image 1")
        for key in [
            "ctrl+u",
            *"nex",
            "backspace",
            *"ww",
            "home",
            "delete",
            "m",
            "enter",
        ]:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: (sample.path / "map/meww").is_symlink(), "the name")
        assert not (sample.path / "map/debian").is_symlink()


async def test_nothing_is_changed_in_a_store_open_for_reading(sample: Store) -> None:
    async with opened(sample, read_only=True) as (app, pilot):
        for key in ("b", "p", "P", "N", "C", "z"):
            app.clear_notifications()
            await pilot.press(key)
            await told(pilot, "Read-only store")
            assert app.screen is main_of(app), key
    assert not (sample.path / "layer/0/_meta").exists()


async def test_without_an_image_every_key_says_so(nothing: Store) -> None:
    async with opened(nothing) as (app, pilot):
        for key in ("x", "X", "E", "m", "P", "N", "z"):
            app.clear_notifications()
            await pilot.press(key)
            await told(pilot, "No image selected")
            assert app.screen is main_of(app), key


async def test_hostile_names_do_nothing_in_any_form(hostile: Store) -> None:
    marks.write_note(hostile, 4, "\x1b[31m[red] \u202e \udcff\nx")
    place = hostile.path / "kept/4-x"
    (place / "data/x").mkdir(parents=True)
    bad = {"command": ["\x1b[2J[b]", "\u202e"], "saved": 1.0}
    (place / "session.json").write_text(json.dumps(bad))
    async with opened(hostile) as (app, pilot):
        view_of(app).table.reveal(4)
        await shows(pilot, "unsaved     4-x")
        for key, words in (
            ("x", "Run in image 4"),
            ("z", "Squash image 4"),
            ("N", "Note on image 4"),
            ("enter", "Unsaved changes"),
        ):
            await pilot.press(key)
            await shows(pilot, words)
            harmless(text_of(app))
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, FormScreen))

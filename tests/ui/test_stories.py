"""What people do, from key to disk, on a real store."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from plashui.base.errors import Cancelled, Holder, PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.model.forest import Forest, Usage
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.store import marks, names
from plashui.store.disk_usage import Found
from plashui.store.new_name import NewName
from plashui.store.store import Store
from plashui.transfer.imports import tarball
from plashui.ui.actions.transfer import TransferActions
from plashui.ui.dialogs.form import FormScreen
from plashui.ui.dialogs.question import Question
from plashui.ui.dialogs.removals.removal import RemovalScreen
from plashui.ui.model.paths.change_tree import change_tree
from plashui.ui.model.paths.leaving_out import LeavingOut
from plashui.ui.screens.help import HelpScreen
from plashui.ui.screens.main import MainScreen
from plashui.ui.screens.too_small import TooSmall
from plashui.ui.screens.trash import TrashScreen
from plashui.ui.viewers.changes import ChangesScreen
from plashui.ui.widgets.filter_bar import FilterBar
from plashui.ui.widgets.greeting import Greeting
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    parts_of,
    shows,
    table_of,
    text_of,
    told,
    until,
    view_of,
)


def ids(store: Store) -> set[int]:
    """What is in the store."""
    return set(store.read().images)


@pytest.mark.usefixtures("still")
async def test_a_removed_image_comes_back_with_its_names(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "d")
        await shows(pilot, "Removes 2 images (2 apt install git", "and 1 built on it)")
        await shows(pilot, "Their names go with them: debian-dev")
        await matches_golden(pilot, "removal-120x32")
        assert app.focused is not None
        assert app.focused.id == "safe"
        await pilot.press("enter")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}, "the safe answer is no"
        await pilot.press("d")
        await shows(pilot, "2 images")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images (")
        assert ids(sample) == {1, 5, 6, 9, 12}
        await shows(pilot, "5 images", "trash 78 MB")
        assert table_of(app).image == 5, "the cursor stays where it was"
        await pilot.press("u")
        await told(pilot, "2 images restored")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}
        assert sample.get_name("debian-dev") == 17
        await shows(pilot, "7 images")
        await until(pilot, lambda: "trash" not in text_of(app))
        assert table_of(app).image == 2
        await pilot.press("u")
        await told(pilot, "Nothing to undo")


async def test_keys_typed_ahead_reach_what_the_one_before_focused(
    sample: Store,
) -> None:
    for move in ("tab", "right"):
        async with opened(sample) as (app, pilot):
            await pilot.press("G", "d")
            await shows(pilot, "Removes 1 image.")
            app.simulate_key(move)  # both are there before either is looked at
            app.simulate_key("enter")
            await told(pilot, "Moved 1 image (")
            await pilot.press("u")
            await told(pilot, "1 image restored")


async def test_a_store_read_meanwhile_takes_no_focus(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("slash", "x", "backspace", "down")
        assert app.focused is table_of(app)
        parts_of(app).reader._take(table_of(app).forest, view_of(app).shares)
        await main_of(app).action_do("filter")
        await pilot.press("e", "d")  # else a shell, and a removal
        assert isinstance(app.focused, FilterBar)
        assert table_of(app).needle == "ed"


async def test_a_filter_asked_for_while_the_last_one_goes_is_a_new_one(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        for _ in range(3):
            await pilot.press("slash", "p", "y")
            await main_of(app).action_do("back")
            await main_of(app).action_do("filter")
            await pilot.pause()
            assert isinstance(app.focused, FilterBar)
            await pilot.press("g")
            assert table_of(app).needle == "g"
            await pilot.press("escape")
            assert table_of(app).needle == ""


async def test_marked_images_go_together_each_counted_once(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "space", "space", "G", "space")
        assert table_of(app).marks == {2, 17, 12}
        await shows(pilot, "3 marked · 119 MB")
        await pilot.press(*"ssss", "d")
        await shows(pilot, "Removes 3 images", "119 MB")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 3 images (")
        assert ids(sample) == {1, 5, 6, 9}
        await until(pilot, lambda: not table_of(app).marks)
        await pilot.press("u")
        await told(pilot, "3 images restored")
        assert sample.get_name("py") == 12


async def test_only_what_was_previewed_is_removed(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "Removes 1 image.")
        node = sample.path / "layer/0/9/12/13"
        (node / "_data/root").mkdir(parents=True)
        (node / "_meta").mkdir()
        usage = Usage(5_000_000, 5, 1)._asdict()
        (node / "_meta/usage.json").write_text(json.dumps(usage))
        (sample.path / "index/13").symlink_to("../layer/0/9/12/13")
        await pilot.press("right", "enter")
        await shows(pilot, "The store has changed", "Removes 2 images (")
        assert 12 in ids(sample)
        assert app.focused is not None
        assert app.focused.id == "safe"
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images (")
        assert ids(sample) == {1, 2, 5, 6, 9, 17}


async def test_images_in_use_say_so_in_words(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = [Holder(4711, "sleep 100", 12)]
    monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: used)
    async with opened(sample) as (app, pilot):
        await until(pilot, lambda: table_of(app).facts.in_use == {12})
        await shows(pilot, "● └╴py")
        await pilot.press("G", "d")
        await shows(pilot, "Image 12 is in use by process 4711 (sleep)")
        await shows(pilot, "Remove anyway (in use)")
        used.append(Holder(4712, "vi", 6))
        await pilot.press("right", "enter")
        await told(pilot, "Moved 1 image (")
        await pilot.press("g", "j", "d")
        await shows(pilot, "2 images", "Move to the trash")
        used.append(Holder(4713, "make", 17))
        await pilot.press("right", "enter")
        await shows(pilot, "Now in use:", "by process 4713 (make)")
        assert 17 in ids(sample)
        used.append(Holder(4714, "cc", 2))
        await pilot.press("right", "enter")
        await shows(pilot, "by process 4713 (make)", "process 4714 (cc)")
        assert 17 in ids(sample)
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images (")


async def test_pinned_images_say_so_and_go_only_if_that_was_shown(
    sample: Store,
) -> None:
    marks.pin(sample, 12)
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "py  pinned", "Image 12 is pinned")
        await shows(pilot, "Remove anyway (pinned)")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 1 image (")
        await pilot.press("g", "j", "d")
        await shows(pilot, "2 images", "Move to the trash")
        marks.pin(sample, 17)
        await pilot.press("right", "enter")
        await shows(pilot, "Image 17 is pinned", "Remove anyway (pinned)")
        assert 17 in ids(sample)
        assert app.focused is not None
        assert app.focused.id == "safe"
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images (")
        assert ids(sample) == {1, 5, 6, 9}


async def test_what_a_restored_image_stood_on_is_told(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "Removes 1 image.")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 1 image (")
        await pilot.press("G", "d")
        await shows(pilot, "alpine")
        await pilot.press("right", "enter")
        await shows(pilot, " 5 images ·")
        await pilot.press("T")
        await shows(pilot, "2 removals")
        await pilot.press("j", "enter")
        await told(pilot, "2 images restored, with what they are built on: 9")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}


async def test_the_trash_is_emptied_after_a_question(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied: list[list[int]] = []

    def empty(store: Store, images: list[int], **_more: object) -> int:
        emptied.append(images)
        for image in images:
            (store.path / f"trash/{image}").rename(store.path / f"gone-{image}")
        return 119_000_000

    monkeypatch.setattr("plashui.operations.empty_trash.empty", empty)
    async with opened(sample) as (app, pilot):
        await pilot.press("G", "d")
        await shows(pilot, "Removes 1 image.")
        await pilot.press("right", "enter")
        await told(pilot, "to the trash - u undo, T trash")
        await pilot.press("T")
        await until(pilot, lambda: isinstance(app.screen, TrashScreen))
        await shows(pilot, "12", "py", "41 MB", "1 removal")
        await pilot.press("E")
        await shows(pilot, "This cannot be undone.", "1 image, 41 MB")
        assert app.focused is not None
        assert app.focused.id == "no"
        await pilot.press("escape")
        assert emptied == []
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("right", "enter")
        await told(pilot, "119 MB freed")
        assert emptied == [[12]]
        await shows(pilot, "The trash is empty.")
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_one_removal_is_restored_from_the_trash(sample: Store) -> None:
    store = sample
    forest = store.read()
    for image in (12, 5):
        plan = plan_removal(store, forest, [image])
        remove(store, plan, trash=True)
    async with opened(store) as (app, pilot):
        await pilot.press("T")
        await shows(pilot, "and 1 image on it", "2 removals")
        await pilot.press("j", "enter")
        await told(pilot, "1 image restored")
        await shows(pilot, "1 removal")
        assert ids(store) == {1, 2, 9, 12, 17}
        await pilot.press("escape")
        await until(pilot, lambda: 12 in table_of(app).forest)


class SlowImport:
    """An import that goes on as the test says."""

    def __init__(self, store: Store) -> None:
        """Import into this store."""
        self.store = store
        self.reported = threading.Event()
        self.go_on: list[threading.Event] = []
        self.cancelled = False
        self.files: list[Path] = []

    def __call__(
        self,
        store: Store,
        source: Path,
        *,
        origin: str,
        name: NewName,
        report: Report,
        cancel: Cancel,
    ) -> tarball.Imported:
        """Stand in for import_root."""
        assert store.path == self.store.path
        assert origin == source.name
        self.files.append(source)
        go_on = threading.Event()
        self.go_on.append(go_on)
        cancel.on_cancel(go_on.set)
        report(Progress("import", 61_000_000, 100_000_000, "bytes"))
        self.reported.set()
        go_on.wait(10)
        if cancel.is_set():
            self.cancelled = True
            raise Cancelled
        if not store.path.exists():
            stores.make(store.path, [stores.Layer(1, 0, source.name, "", 5)], CREATED)
        name.give(store, 1)
        return tarball.Imported(1, 2)


@pytest.fixture
def slow(nothing: Store, monkeypatch: pytest.MonkeyPatch) -> SlowImport:
    """An import under the test's control."""
    made = SlowImport(nothing)
    monkeypatch.setattr("plashui.transfer.imports.root.import_root", made)
    return made


async def test_a_tar_is_imported_into_an_empty_store(
    nothing: Store, slow: SlowImport, tmp_path: Path
) -> None:
    (tmp_path / "some-debian.tar").touch()
    async with opened(nothing) as (app, pilot):
        assert app.screen.query(Greeting)
        await pilot.press("p", "up", "right", "right", "down")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        field = app.screen.query_one("#file", Input)
        field.value = f"{tmp_path}/no-such"
        await pilot.press("enter")
        await shows(pilot, "There is no file")
        field.value = f"{tmp_path}/some"
        field.cursor_position = len(field.value)
        await pilot.press("tab")
        assert field.value == f"{tmp_path}/some-debian.tar"
        await pilot.press("tab", "tab", "w", "e", "b", "enter")
        await shows(pilot, "Import some-debian.tar", "61 %")
        slow.go_on[0].set()
        await told(
            pilot, "Import some-debian.tar: image 1 (web); 2 device nodes left out"
        )
        await shows(pilot, "1 image ·", "web")
        assert table_of(app).image == 1
        await until(pilot, lambda: "There is no image" not in text_of(app))
        assert "Import" not in text_of(app).splitlines()[-2]


async def test_a_job_is_cancelled_from_the_list_of_jobs(
    nothing: Store, slow: SlowImport, tmp_path: Path
) -> None:
    async with opened(nothing) as (app, pilot):
        main = main_of(app)
        start_import(main, tmp_path / "a.tar")
        start_import(main, tmp_path / "b.tar")
        await shows(pilot, "Import a.tar", "Import b.tar", "J: jobs")
        await pilot.press("J")
        await shows(pilot, "running", "x Cancel")
        await pilot.press("j", "x")
        await told(pilot, "Import a.tar: cancelled")
        await shows(pilot, "cancelled  Import a.tar", "running")
        await pilot.press("k", "x")
        await told(pilot, "Import b.tar: cancelled")
        assert slow.cancelled
        await pilot.press("escape")
        await until(pilot, lambda: "Import" not in text_of(app).splitlines()[-2])


def start_import(main: MainScreen, file: Path) -> None:
    """Start an import as the form does."""
    file.touch()
    parts = main.parts
    transfer = TransferActions(parts.view, parts.reader, parts.jobs)
    transfer.imported({"source": "file", "file": str(file)})


async def test_quitting_asks_only_while_a_job_runs(
    nothing: Store, slow: SlowImport, tmp_path: Path
) -> None:
    async with opened(nothing) as (app, pilot):
        start_import(main_of(app), tmp_path / "a.tar")
        await until(pilot, slow.reported.is_set)
        await pilot.press("q")
        await shows(pilot, "Import a.tar is still running.")
        await pilot.press("escape")
        assert not slow.cancelled
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("right", "enter")
        await until(pilot, lambda: slow.cancelled)
    async with opened(nothing) as (app, pilot):
        await pilot.press("escape", "escape")
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_a_failed_job_says_why_in_one_sentence(
    nothing: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_words: object, **_more: object) -> None:
        raise PlashError("reading [x].tar: it is no tar \x1b[31m", "Give another")

    monkeypatch.setattr("plashui.transfer.imports.root.import_root", fails)
    async with opened(nothing, toasts=True) as (app, pilot):
        start_import(main_of(app), tmp_path / "[x].tar")
        await told(pilot, "reading [x].tar: it is no tar \\x1b[31m. Give another")
        await shows(pilot, "it is no tar")


async def test_sizes_arrive_while_one_looks(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for note in sample.path.glob("layer/**/usage.json"):
        note.unlink()
    first, rest = threading.Event(), threading.Event()
    asked: list[int] = []
    before: list[weakref.ref[Forest]] = []

    def measure(
        _store: Store,
        forest: Forest,
        found: Found,
        *,
        first: list[int],
        cancel: Cancel,
    ) -> Forest:
        images = forest.images
        before.append(weakref.ref(forest))

        def counted(usages: dict[int, Usage]) -> Forest:
            new = {i: images[i]._replace(own=own) for i, own in usages.items()}
            return forest.with_counted(new)

        asked.extend(first)
        one.wait(10)
        forest = counted({12: Usage(41_000_000, 1, 1)})
        found(forest)
        rest.wait(10)
        forest = counted({i: Usage(1_000_000, 1, 1) for i in (1, 2, 5, 6, 9, 17)})
        found(forest)
        assert not cancel.is_set()
        return forest

    one = first
    monkeypatch.setattr("plashui.store.disk_usage.measure", measure)
    async with opened(sample) as (app, pilot):
        assert "7 images · ~" in text_of(app)
        await pilot.press("G")
        one.set()
        await shows(pilot, "7 images · ~41 MB")
        rest.set()
        await shows(pilot, "7 images · 47 MB")
        assert asked == [1, 2, 17, 5, 6, 9, 12], "what is on screen comes first"
        assert table_of(app).image == 12
        gc.collect()
        await until(pilot, lambda: before[0]() is None)  # a big one is many megabytes


async def test_what_happens_in_the_store_shows_by_itself(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("j", "j", "space")
        await until(pilot, lambda: parts_of(app).watcher.watching)
        names.set_name(sample, "from-outside", 2)
        await shows(pilot, "from-outside")
        assert table_of(app).image == 5
        assert table_of(app).marks == {17}


async def test_the_filter_finds_and_esc_shows_all_again(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("slash", *"gcc")
        await shows(pilot, "1 of 7 images", "apt install gcc")
        await until(pilot, lambda: "alpine-3.20" not in text_of(app))
        assert table_of(app).image == 5
        await pilot.press("enter", "space")
        assert table_of(app).marks == {5}
        await pilot.press("escape")
        await shows(pilot, "alpine", "1 marked")
        assert table_of(app).image == 5
        await pilot.press("escape")
        await shows(pilot, "7 images")
        assert app.is_running


async def test_an_image_gets_another_name_or_none(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("r")
        await shows(pilot, "Name of image 1")
        await pilot.press(*"base", "enter")
        await until(pilot, lambda: sample.get_name("base") == 1)
        assert sample.get_name("debian") is None
        await shows(pilot, "▾ base")
        await pilot.press("r")
        await shows(pilot, "Name of image 1")
        await pilot.press(".", ".", "enter")
        await shows(pilot, "cannot be a name")
        assert sample.get_name("base") == 1
        await pilot.press("backspace", "backspace")
        await shows(pilot, "$ plash map base ''")
        await pilot.press("enter")
        await until(pilot, lambda: sample.get_name("base") is None)
        assert app.is_running


async def test_a_store_open_for_reading_says_so(sample: Store) -> None:
    async with opened(sample, read_only=True) as (_app, pilot):
        for key in ("d", "u", "p", "r"):
            await pilot.press(key)
        await told(pilot, "Read-only store")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}


async def test_every_command_is_in_the_palette_with_its_line(sample: Store) -> None:
    async with opened(sample, (120, 120)) as (app, pilot):
        await pilot.press("ctrl+p")
        await shows(pilot, "Back (esc)")
        await pilot.press(*"shell")
        await shows(pilot, "Shell (enter e)", "$ plash run 1")
        await pilot.press(*["backspace"] * 5, *"help", "enter")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_keys_in_the_footer_can_be_clicked(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        line = text_of(app).splitlines()[-1]
        await pilot.click(offset=(line.index("Remove") + 1, 31))
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen))
        await until(pilot, lambda: not app.screen.query_one("#remove", Button).disabled)
        await pilot.pause()  # it is laid out once it can be pressed
        await pilot.click("#safe")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_the_way_back_can_be_clicked_on_the_page_of_changes(
    sample: Store,
) -> None:
    async with opened(sample) as (app, pilot):
        app.push_screen(ChangesScreen("Shell in 1 ended", LeavingOut(change_tree(()))))
        await until(pilot, lambda: isinstance(app.screen, ChangesScreen))
        await pilot.pause()
        line = text_of(app).splitlines()[-1]
        await pilot.click(offset=(line.index("Back") + 1, 31))
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_a_small_terminal_says_so_and_comes_back(sample: Store) -> None:
    async with opened(sample, (80, 24)) as (app, pilot):
        await pilot.resize_terminal(39, 24)
        await shows(pilot, "Too small: needs 40x12")
        await pilot.resize_terminal(60, 17)
        await until(pilot, lambda: not isinstance(app.screen, TooSmall))
        await shows(pilot, "debian-dev", "q Quit")
        assert max(map(len, text_of(app).splitlines())) <= 60
        await pilot.resize_terminal(40, 12)
        await pilot.press("d")
        await shows(pilot, "Removes 5 images", "Back", "Move to")
        await pilot.press("escape")
        await pilot.resize_terminal(20, 5)
        await shows(pilot, "Too small: needs", "40x12", "q quits")
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_a_big_store_shows_its_top_first_then_all(nothing: Store) -> None:
    layers = [
        stores.Layer(i, 0 if i < 6 else i % 5 + 1, f"l{i}") for i in range(1, 501)
    ]
    store = stores.make(nothing.path, layers, CREATED)
    async with opened(store, (80, 24)) as (app, pilot):
        assert "500 images" in text_of(app)
        assert [row.id for row in table_of(app).rows] == [1, 2, 3, 4, 5]
        await until(pilot, lambda: len(table_of(app).forest) == 500)
        assert [row.id for row in table_of(app).rows] == [1, 2, 3, 4, 5]
        await pilot.press("l", "j")
        assert table_of(app).image == 10
        assert "500 images" in text_of(app)

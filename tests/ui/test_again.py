"""What is done twice, or of which another has done a part meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress, Report
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.operations.restore import restore, restore_all
from plashui.store import marks
from plashui.store.store import Store
from plashui.store.trash.listing import trashed
from plashui.ui.actions.clean import cleaning
from plashui.ui.model.jobs.job import Job, Outcome
from plashui.ui.screens.trash import emptying
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import main_of, opened, shows, table_of, told, until

SEVEN = {1, 2, 5, 6, 9, 12, 17}


def trash(store: Store, *images: int) -> None:
    """Move these to the trash."""
    remove(store, plan_removal(store, store.read(), images), trash=True)


def test_what_is_left_in_the_trash_comes_back_all_at_once(sample: Store) -> None:
    for image in (17, 6, 12):
        trash(sample, image)
    restore(sample, 6)
    back = restore_all(sample, (17, 6, 12))
    assert (back.ids, set(back.names_kept)) == ((12, 17), {"py", "debian-dev"})
    assert sample.read().images.keys() == SEVEN
    with pytest.raises(PlashError, match="these images are no longer in the trash"):
        restore_all(sample, (17, 12))


def test_what_came_back_with_another_is_not_brought_back_twice(sample: Store) -> None:
    trash(sample, 17)
    trash(sample, 2)
    back = restore_all(sample, (17, 2))
    assert (back.ids, back.first) == ((2, 17), (2,))


async def test_undo_brings_back_what_is_left_of_it(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("j", "j", "space", "j", "space", "d")
        await shows(pilot, "Removes 2 images")
        await pilot.press("right", "enter")
        await told(pilot, "Moved 2 images (")
        restore(sample, 17)
        await pilot.press("u")
        await told(pilot, "1 image restored")
        assert sample.read().images.keys() == SEVEN


def test_a_deletion_stopped_half_way_does_not_say_that_nothing_was_changed(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_words: object, **_options: object) -> None:
        raise Cancelled

    monkeypatch.setattr("plashui.operations.delete.deleting.remove", stopped)
    trash(sample, 17)
    job = Job(1, "emptying the trash", emptying(sample, trashed(sample)))
    job.run()
    assert job.outcome == "cancelled: the next `plash clean` deletes the rest"
    assert not trashed(sample)
    monkeypatch.setattr("plashui.operations.leftovers.deleting.sweep", stopped)
    for before in (False, True):
        job = Job(2, "cleaning", cleaning(sample))
        if before:
            job.cancel.set()
        job.run()
        assert ("nothing was changed" in job.outcome) == before


async def test_undo_pressed_twice_undoes_twice(sample: Store) -> None:
    trash(sample, 17)
    trash(sample, 6)
    async with opened(sample) as (_app, pilot):
        await pilot.press("u", "u")
        await until(pilot, lambda: not trashed(sample))
        await told(pilot, "1 image restored")


async def test_a_pin_set_twice_is_out_again(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        for _ in range(3):
            await pilot.press("P", "P")
        await told(pilot, "Unpinned image 1")
        await until(pilot, lambda: not marks.pinned(sample.root))


async def test_a_name_is_not_taken_from_another_without_a_question(
    sample: Store,
) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("r", *"py", "enter")
        await shows(pilot, "Image 12 is called py and would lose that name.")
        await pilot.press("enter")
        assert (sample.get_name("py"), sample.get_name("debian")) == (12, 1)
        await shows(pilot, "$ plash map py 1 && plash map debian ''")
        await shows(pilot, "Image 12 is called py: you are asked")
        await pilot.press("enter")
        await shows(pilot, "Take the name?")
        await pilot.press("right", "enter")
        await until(pilot, lambda: sample.get_name("py") == 1)
        await until(pilot, lambda: sample.get_name("debian") is None)


async def test_a_job_tried_again_is_about_the_store_it_was_about(
    sample: Store, tmp_path: Path
) -> None:
    other = stores.make(tmp_path / "other", stores.SAMPLE[:2], CREATED)
    tries: list[str] = []

    async with opened(sample) as (app, pilot):

        def work(_report: Report, _cancel: Cancel) -> Outcome:
            tries.append(app.store.root)
            if len(tries) == 1:
                raise PlashError("not yet")
            return Outcome("image 2", 2)

        main = main_of(app)
        main.parts.jobs.start("importing x", work)
        await told(pilot, "importing x failed: not yet")
        main.parts.reader.show_store(other)
        await shows(pilot, "2 images")
        await pilot.press("J", "r")
        await told(pilot, f"importing x: image 2 (in the store {sample.root})")
        assert tries == [sample.root, other.root]
        assert table_of(app).image == 1, "image 2 is another one here"


def test_however_long_its_title_is_a_job_says_how_far_it_is() -> None:
    job = Job(1, f"building {'x' * 200} on 1", lambda _r, _c: Outcome(""))
    assert cell_len(job.line(70)) <= 70
    job.report(Progress("unpacking", 50, 100, "bytes"))
    line = job.line(70)
    assert cell_len(line) <= 70
    assert line.startswith("building xxx")
    assert "50 %" in line

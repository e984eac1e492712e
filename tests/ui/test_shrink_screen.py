"""Shrink: what is shown is what goes, and it comes back."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input

from plashui.base.errors import PlashError
from plashui.model.forest import Forest, Image, Usage
from plashui.operations import shrink
from plashui.store import marks
from plashui.store.activity import Facts
from plashui.store.store import Store
from plashui.ui.dialogs.removals.shrink import (
    ShrinkScreen,
    stay_sentences,
    step_lines,
    sum_sentence,
    tops_of,
    wish_of,
)
from plashui.ui.widgets.tick import Tick
from tests.ui.driving import (
    main_of,
    matches_golden,
    opened,
    shows,
    table_of,
    told,
    until,
)

pytestmark = pytest.mark.usefixtures("still")


def ids(store: Store) -> set[int]:
    """What is in the store."""
    return set(store.read().images)


def test_empty_fields_wish_for_half() -> None:
    assert wish_of("", " ", "", False) == shrink.Wish()
    wish = wish_of("2G", "30d", "1w", True)
    assert wish == shrink.Wish(2 * 10**9, 30 * 86400.0, 7 * 86400.0, True)
    with pytest.raises(PlashError, match="'2x' is not a size"):
        wish_of("2x", "", "", False)


def test_the_lines_are_the_steps_in_order_with_a_running_total() -> None:
    images = {i: Image(i, 0, own=Usage(i * 1000, 0, 1)) for i in (1, 2, 3)}
    images[2] = images[2]._replace(names=("two\x1b",))
    forest = Forest(images, frozenset({3}))
    plan = shrink.plan_shrink(forest, shrink.Wish(to=0), Facts(0.0))
    text = [
        "".join(piece for piece, _kind in line) for line in step_lines(forest, plan)
    ]
    assert [line.split() for line in text[1:]] == [["1", "1.0", "kB", "1.0", "kB"]]
    assert "Still above your target" in sum_sentence(forest, plan)
    assert stay_sentences(forest, plan) == ["Pinned: 3", "Named: 2 two\\x1b"]
    assert tops_of(Forest({**images, 4: Image(4, 3)}), (4, 3, 1)) == (1, 3)


async def test_exactly_what_is_shown_goes_and_comes_back(sample: Store) -> None:
    marks.pin(sample, 9)
    async with opened(sample) as (app, pilot):
        await pilot.press("S")
        await shows(pilot, "None of 7 images", "Pinned: 9 alpine", "Named: 1")
        screen = app.screen
        assert isinstance(screen, ShrinkScreen)
        assert screen.query_one("#go", Button).disabled
        screen.set_focus(screen.query_one(Tick))
        await pilot.press("space")
        await shows(pilot, "Half: 4 of 7 images would be removed: 1.9 GB → 218 MB.")
        await matches_golden(pilot, "shrink-120x32")
        screen.set_focus(screen.query_one("#to"))
        await pilot.press("1", "G")
        await shows(pilot, "1 of 7 images would be removed: 1.9 GB → 699 MB.")
        await pilot.press("x")
        await shows(pilot, "'1Gx' is not a size")
        assert screen.query_one("#go", Button).disabled
        await pilot.press("backspace", "enter")
        await shows(pilot, "1 of 7 images would be removed")
        assert app.focused is screen.query_one("#safe"), "enter there does nothing yet"
        await pilot.press("right", "enter")
        await told(pilot, "Moved 1 image (1.2 GB) to the trash - u undo, T trash")
        assert ids(sample) == {1, 2, 5, 9, 12, 17}
        await until(pilot, lambda: len(table_of(app).forest) == 6)
        await pilot.press("u")
        await told(pilot, "1 image restored")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}
        assert sample.get_name("toolchain") == 6


async def test_many_branches_come_back_with_one_undo(sample: Store) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("S")
        screen = app.screen
        await shows(pilot, "None of ")
        screen.query_one("#to", Input).value = "0"
        screen.query_one(Tick).action_switch()
        await shows(pilot, "7 of 7 images would be removed")
        screen.set_focus(screen.query_one("#go"))
        await pilot.press("enter")
        await told(pilot, "Moved 7 images (")
        assert ids(sample) == set()
        await pilot.press("u")
        await told(pilot, "7 images restored")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}


async def test_a_store_that_changed_gets_a_new_plan(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("S")
        await shows(pilot, "None of ")
        screen = app.screen
        screen.query_one(Tick).action_switch()
        await shows(pilot, "4 of 7 images would be removed")
        await matches_golden(pilot, "shrink-60x17")
        marks.pin(sample, 6)
        screen.set_focus(screen.query_one("#go"))
        await pilot.press("enter")
        await shows(pilot, "nothing was removed", "Pinned: 6")
        assert ids(sample) == {1, 2, 5, 6, 9, 12, 17}
        assert app.focused is screen.query_one("#safe")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is main_of(app))
        assert len(ids(sample)) == 7


async def test_nothing_is_taken_from_a_store_that_is_only_read(
    sample: Store,
) -> None:
    async with opened(sample, read_only=True) as (app, pilot):
        await pilot.press("S")
        await told(pilot, "Read-only store")
        assert app.screen is main_of(app)


async def test_an_empty_store_has_nothing_to_take(nothing: Store) -> None:
    async with opened(nothing) as (_app, pilot):
        await pilot.press("S")
        await told(pilot, "No images to remove")

"""The table of actions: each is done by a method of one family."""

from __future__ import annotations

import inspect

from plashui.model.forest import Forest
from plashui.store.store import Store
from plashui.ui.actions.clean import CleanActions
from plashui.ui.actions.table import ACTIONS, action
from tests.ui.driving import opened, parts_of
from tests.ui.fakes import FakeHost, FakeJobs, FakeView
from tests.ui.test_start import printed


async def test_each_action_is_done_by_its_family_on_this_screen(sample: Store) -> None:
    from plashui.ui.actions.families import families_of, handlers

    async with opened(sample) as (app, _pilot):
        parts = parts_of(app)
        families = [type(family) for family in families_of(parts)]
        found = handlers(parts)
        assert list(found) == [entry.name for entry in ACTIONS]
        for entry in ACTIONS:
            owners = [f for f in families if entry.do in vars(f).values()]
            assert len(owners) == 1, entry.name
            assert list(inspect.signature(entry.do).parameters) == ["self"], entry.name


def test_no_name_and_no_key_is_there_twice() -> None:
    names = [entry.name for entry in ACTIONS]
    keys = [key for entry in ACTIONS for key in entry.key.split(",")]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)


def test_the_table_is_read_without_textual() -> None:
    found = printed("imports_textual.py", "plashui.ui.actions.table")
    assert found == "[]"


def test_a_clean_is_a_job_of_the_store_that_is_shown(sample: Store) -> None:
    jobs = FakeJobs()
    view = FakeView(FakeHost(sample), Forest({}), None)
    clean = CleanActions(view, jobs)
    action("clean").do(clean)
    assert not jobs.started, "it asks first"
    view.answer = True
    action("clean").do(clean)
    assert [job.title for job in jobs.started] == ["Clean up"]

"""What nobody has foreseen: one sentence and a log, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.base.progress import Cancel, Report
from plashui.store.store import Store
from plashui.ui import app as opening
from plashui.ui.application import PlashuiApp
from plashui.ui.model.images.order import Order
from plashui.ui.model.jobs.job import Outcome
from plashui.ui.widgets.tree_table import TreeTable
from tests.ui.driving import opened, parts_of, table_of, told


def log_of(tmp_path: Path) -> str:
    """What is in the log."""
    return (tmp_path / "home/.local/state/plashui/log").read_text()


@pytest.fixture(autouse=True)
def _log_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


async def test_an_action_that_fails_ends_the_app_with_a_note(
    sample: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_table: TreeTable, _order: Order) -> None:
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(TreeTable, "sort", broken)
    apps: list[PlashuiApp] = []

    async def press_it() -> None:
        async with opened(sample) as (app, pilot):
            apps.append(app)
            await pilot.press("s", "s")

    with pytest.raises(ZeroDivisionError):
        await press_it()
    assert isinstance(apps[0].disaster, ZeroDivisionError)
    assert not apps[0]._exit_renderables, "nothing is printed by Textual"
    assert "by hand" in log_of(tmp_path)


async def test_a_worker_that_fails_is_told_and_the_app_goes_on(
    sample: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(sample) as (app, pilot):

        def broken(_store: Store) -> None:
            raise RuntimeError("store \x1b of glass")

        monkeypatch.setattr(Store, "read", broken)
        await pilot.press("f5")
        await told(pilot, "unexpected error (RuntimeError: store")

        def work(_report: Report, _cancel: Cancel) -> Outcome:
            raise KeyError("job")

        parts_of(app).jobs.start("odd", work)
        await told(pilot, "odd failed: KeyError")
        await pilot.press("j")
        assert table_of(app).cursor == 1
    assert "worker read" in log_of(tmp_path)
    assert "KeyError: 'job'" in log_of(tmp_path)


def test_the_sentence_comes_when_the_terminal_is_free_again(
    sample: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def run(app: PlashuiApp) -> None:
        app._handle_exception(ZeroDivisionError("early"))
        order.append("run")

    monkeypatch.setattr(PlashuiApp, "run", run)
    monkeypatch.setattr(
        "plashui.ui.platform.ending_app.end_for_sure",  # or it would end these tests
        lambda status: order.append(f"at last {status}"),
    )
    from plashui.base.errors import PlashError

    with pytest.raises(PlashError, match="ZeroDivisionError: early"):
        opening.run(sample, farewell=lambda: order.append("farewell"))
    assert order == ["at last 1", "run", "farewell"]
    assert "early" in log_of(tmp_path)

"""What runs in an image takes, live in the details."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from plashui.base.errors import Holder
from plashui.processes.ps import Running
from plashui.store.store import Store
from plashui.ui.dialogs.menu import Menu
from tests.ui.driving import matches_golden, opened, shows, text_of, until


@pytest.mark.usefixtures("still")
async def test_the_details_follow_what_runs_while_somebody_sees_it(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    used = [Holder(4711, "make -j2", 2)]

    def found(_store: Store) -> list[Running]:
        looks.append(0.0)
        cpu = len(looks) * 0.6
        one = Running(4711, 2, "run", "root", "make", cpu, 60.0, 212_000_000, birth=1)
        return [one, one._replace(pid=4712, cpu=0.0, memory=0, percent=0.0), *others]

    others = [Running(99, 1, "run", "root", "x", memory=5_000_000)]
    monkeypatch.setattr("plashui.processes.holders.holders", lambda _path: used)
    monkeypatch.setattr("plashui.ui.tabs.processes.running", found)
    monkeypatch.setattr("plashui.ui.model.details.live.PERIOD", 0.1)
    monkeypatch.setattr("plashui.ui.tabs.processes.monotonic", lambda: len(looks))
    async with opened(sample, (160, 45)) as (app, pilot):
        for _ in range(5):
            await pilot.pause()
        assert not looks, "nothing runs in the image under the cursor"
        await pilot.press("j")
        whole = "● in use  2 procs · 60 % ████████ · 212 MB ████████"
        await shows(pilot, whole, "removing it frees 78 MB", "┏●▸ 2 apt")
        await matches_golden(pilot, "in-use-160x45")
        await pilot.resize_terminal(120, 32)
        await shows(pilot, "● in use  2 procs · 60 % · 212 MB ███████")
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Menu))
        await pilot.pause()
        await _rests(pilot, looks)
        await pilot.press("escape")
        count = len(looks)
        await until(pilot, lambda: len(looks) > count, "it goes on")
        await pilot.press("i")
        await until(pilot, lambda: "removing it" not in text_of(app))
        await _rests(pilot, looks)
        await pilot.press("i", "k")
        await shows(pilot, "removing it frees 1.8 GB")
        await _rests(pilot, looks)


async def _rests(pilot: Pilot[None], looks: list[float]) -> None:
    """Nobody looks any more, but for a look that was under way."""
    count = len(looks)
    for _ in range(4):
        await pilot.pause(0.1)
    assert len(looks) <= count + 1

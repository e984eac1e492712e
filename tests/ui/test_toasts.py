"""Where the app says something while a dialog is open."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from plashui.store.store import Store
from plashui.ui.application import PlashuiApp
from plashui.ui.dialogs.removals.removal import RemovalScreen
from tests.ui.driving import opened, shows, text_of, until


def places(app: PlashuiApp) -> tuple[Region, Region]:
    """Where the box of the dialog is, and what is told."""
    told = app.screen.query("Toast").last()
    return app.screen.query_one("#box").region, told.region


@pytest.mark.parametrize("size", [(120, 32), (80, 24), (60, 17)])
async def test_what_is_told_is_there_once_and_beside_the_dialog(
    sample: Store, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this machine is.
    monkeypatch.setattr(PlashuiApp, "NOTIFICATION_TIMEOUT", 600.0)
    async with opened(sample, size, toasts=True) as (app, pilot):
        app.tell("Moved 3 images")
        await shows(pilot, "Moved 3 images")
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, RemovalScreen))
        await shows(pilot, "Moved 3 images", "Back", "Move to the trash")

        def beside() -> bool:
            box, told = places(app)
            near = told.y == box.bottom or told.bottom == box.y
            return near and told.x == box.x and not box.overlaps(told)

        await until(pilot, beside, "beside the box")
        assert text_of(app).count("Moved 3 images") == 1
        app.fail(OSError("something went wrong with this"))
        await shows(pilot, "something went wrong with this")
        await until(pilot, beside, "beside the box")
        await shows(pilot, "Back", "Move to the trash", "Remove")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not None and app.screen.id == "main")
        await until(pilot, lambda: text_of(app).count("went wrong with this") == 1)

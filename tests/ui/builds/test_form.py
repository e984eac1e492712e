"""The form of a build: a file, what it asks for, and the plan before it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from plashui.recipes.cache import remember
from plashui.recipes.look import look
from plashui.store.store import Store
from plashui.ui.dialogs.form import FormScreen, Row
from plashui.ui.dialogs.plan import PlanScreen
from plashui.ui.model.builds.wanted import Wanted, wanted
from plashui.ui.widgets import look_line
from plashui.ui.widgets.choice import Choice
from tests.ui.driving import matches_golden, opened, shows, text_of, until

SITE = """\
ARG VERSION=1.27
FROM 1 AS build
ARG VERSION
RUN make VERSION=$VERSION
FROM 9 AS docs
RUN make -C docs
FROM 1
COPY --from=build /usr/local /usr/local
COPY --from=docs /docs /srv
CMD ["/usr/local/bin/site"]
"""


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered of before, and nobody waits."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(look_line, "PAUSE", 0.01)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory with a Containerfile of three stages."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/Containerfile").write_text(SITE)
    return tmp_path / "site"


pytestmark = pytest.mark.usefixtures("still")


@pytest.mark.usefixtures("site")
async def test_a_containerfile_shows_its_arguments_and_then_its_plan(
    sample: Store,
) -> None:
    async with opened(sample, (120, 32)) as (app, pilot):
        await pilot.press("b", "shift+tab", "right", "right", "tab")
        await pilot.press(*"site", "enter")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await shows(pilot, "5 steps: 0 in the cache, 5 to do")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await until(pilot, lambda: bool(app.screen.query("#arg-VERSION")))
        assert app.screen.query_one("#arg-VERSION", Input).placeholder == "1.27"
        assert app.screen.query_one("#file", Input).value == "site"
        await shows(pilot, "5 steps")


@pytest.mark.parametrize(("width", "height"), [(120, 32), (60, 17)])
async def test_the_plan_fits_the_screen(
    sample: Store, site: Path, width: int, height: int
) -> None:
    async with opened(sample, (width, height)) as (app, pilot):
        build = wanted(1, {"what": "file", "file": str(site)})
        assert build is not None
        done = cache_of(sample, build)
        app.push_screen(PlanScreen(sample, build))
        await shows(pilot, f"5 steps: {done} in the cache, 4 to do")
        await matches_golden(pilot, f"plan-{width}x{height}")


@pytest.mark.parametrize(("width", "height"), [(120, 32), (80, 24)])
async def test_the_form_of_a_file_fits_the_screen(
    sample: Store, site: Path, width: int, height: int
) -> None:
    here = Path("/proc/self/cwd")  # the same name wherever the test runs
    assert (here / "site").samefile(site)
    async with opened(sample, (width, height)) as (app, pilot):
        await pilot.press("b", "shift+tab", "right", "right", "tab")
        await pilot.press(
            *("slash" if sign == "/" else sign for sign in f"{here}/site")
        )
        await until(pilot, lambda: bool(app.screen.query("#arg-VERSION")))
        await shows(pilot, "5 steps: 0 in the cache, 5 to do")
        await matches_golden(pilot, f"build-file-{width}x{height}")


def cache_of(store: Store, build: Wanted) -> int:
    """Take the first step of a build as done before; return how many these are."""
    stage = look(store, build.plan(store))[0]
    remember(store, stage.steps[0].key, 6)
    return 1


async def test_what_is_typed_into_fields_that_a_file_asks_for_stays(
    sample: Store, site: Path
) -> None:
    async with opened(sample, (120, 45)) as (app, pilot):
        await pilot.press("b", "shift+tab", "right", "right", "tab", *"site")
        await until(pilot, lambda: bool(app.screen.query("#arg-VERSION")))
        app.screen.query_one("#arg-VERSION", Input).focus()
        await pilot.press(*"1.28")
        await shows(pilot, "VERSION=1.28")
        app.screen.query_one("#target", Choice).focus()
        await pilot.press("right")
        await shows(pilot, "--target build", "1 step: 0 in the cache, 1 to do")
        assert app.screen.query_one("#arg-VERSION", Input).value == "1.28"
        (site / "other").write_text("ARG VERSION=3\nARG MORE\nFROM 1\n")
        app.screen.query_one("#file", Input).focus()
        await pilot.press("end", *"/other")
        await until(pilot, lambda: bool(app.screen.query("#arg-MORE")))
        assert app.screen.query_one("#arg-VERSION", Input).value == "1.28"
        assert [row.field.name for row in app.screen.query(Row)].count("context") == 1
        await pilot.press("shift+tab", "right")
        await until(pilot, lambda: not app.screen.query("#arg-MORE"))
        await shows(pilot, "$ plash build 1")


async def test_a_wrong_file_is_told_in_the_form(sample: Store, site: Path) -> None:
    (site / "Containerfile").write_text("FROM 1\nRUNN make\n")
    async with opened(sample, (120, 32)) as (app, pilot):
        await pilot.press("b", "shift+tab", "right", "right", "tab")
        await pilot.press(*"site", "enter")
        await shows(pilot, "Containerfile, line 2: no instruction RUNN")
        assert isinstance(app.screen, FormScreen)


async def test_a_file_is_built_in_an_empty_store(nothing: Store, site: Path) -> None:
    (site / "Containerfile").write_text("FROM scratch\nLABEL a=b\n")
    async with opened(nothing, (80, 24)) as (app, pilot):
        await pilot.press("b", *"site", "enter")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        await shows(pilot, "2 steps: 0 in the cache, 2 to do", "LABEL a=b")
        assert "Build a file" in text_of(app)

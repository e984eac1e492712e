"""The packages of an image, its leftovers, and two images compared by package."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from textual.widgets import Input

from plashui.base.errors import PlashError
from plashui.helper import process
from plashui.helper.listing import Entry
from plashui.image.comparison import Comparison, ConfigChange, PackageFiles
from plashui.image.diff import Change, ImageIn
from plashui.image.packages.changes import PackageChange
from plashui.image.packages.contents import Contents, weighed
from plashui.image.packages.known import Installed, Known, summary
from plashui.image.packages.package import Package
from plashui.settings.config import Config, Loaded
from plashui.store.store import Store
from plashui.ui.viewers.comparison import ComparisonScreen
from plashui.ui.viewers.file_diff import FileDiffScreen
from plashui.ui.viewers.pager import Pager
from plashui.ui.widgets.path_tree import PathTree
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import (
    entry,
    main_of,
    matches_golden,
    opened,
    shows,
    table_of,
    text_of,
    told,
    until,
)
from tests.ui.test_hostile import harmless

EVIL = "x\x1b[31m\u202egnp [red]\nnew\udcff"


def sized(path: str, size: int) -> Entry:
    """A file of so many bytes; a directory if it ends in a slash."""
    return entry(path.rstrip("/"), "d" if path.endswith("/") else "-", size)


ENTRIES = {
    one.name: one
    for one in (
        *(sized("", 0)._replace(kind="d"), sized("usr/bin/git", 4_000_000)),
        *(sized("usr/share/doc/git/README", 30_000), sized("usr/bin/perl", 3_000_000)),
        sized("usr/lib/git/core", 9_000_000),
        sized("usr/share/locale/de/LC_MESSAGES/git.mo", 2_000_000),
        sized("var/lib/apt/lists/deb_Packages", 40_000_000),
        *(sized("srv/app/one", 700_000), sized(f"srv/{EVIL}", 5)),
    )
}
INSTALLED = (
    Package(
        *("dpkg", "git", "1:2.39.5-0+deb12u2", "amd64"),
        (
            *("usr/bin/git", "usr/lib/git/core", "usr/share/doc/git/README"),
            "usr/share/locale/de/LC_MESSAGES/git.mo",
        ),
    ),
    Package("dpkg", "perl", "5.36.0-7", "amd64", ("usr/bin/perl",)),
    Package("dpkg", EVIL, EVIL, EVIL),
)
BEFORE = (Package("dpkg", "perl", "5.34", "amd64"), Package("dpkg", "gone", "1", "all"))


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every image has the same packages, and other ones below it."""
    asked = []

    def contents(_store: Store, image: int, **_more: object) -> Contents:
        asked.append(image)
        return weighed(INSTALLED, (f"rpm: {EVIL}",), ENTRIES)

    def known(_store: Store, _image: int, **_more: object) -> Known:
        return summary(weighed(BEFORE, (), {}))

    monkeypatch.setattr("plashui.ui.tabs.packages.contents", contents)
    monkeypatch.setattr("plashui.ui.tabs.packages.known", known)
    return asked


@pytest.mark.usefixtures("still")
async def test_the_packages_of_an_image_its_layer_and_its_leftovers(
    sample: Store, packages: list[int]
) -> None:
    async with opened(sample, (120, 32)) as (app, pilot):
        await pilot.press("j", "6", "o")
        await shows(pilot, "this layer", "leftovers")
        harmless(text_of(app))
        await matches_golden(pilot, "packages-120x32")
        await pilot.press("o")
        await shows(pilot, "1:2.39.5-0+deb12u2", "dpkg: 3 packages")
        await matches_golden(pilot, "packages-page-120x32")
        await pilot.press("G", "l")
        await shows(pilot, "srv/")
        await pilot.press("G", "l")
        await shows(pilot, "app/", "one", "gnp [red]")
        harmless(text_of(app))
        tree = app.screen.query_one(PathTree)
        branches = [row.node.name if row.node.branch else "" for row in tree.rows]
        tree.cursor = branches.index("git")
        await pilot.press("l", "j")
        await shows(pilot, "usr/")
        await pilot.press("l")
        await shows(pilot, "bin/", "lib/", "share/")
        assert packages == [2], "it was read once"


@pytest.mark.usefixtures("still", "packages")
async def test_packages_on_a_small_terminal(sample: Store) -> None:
    async with opened(sample, (60, 17)) as (app, pilot):
        await pilot.press("j", "6", "o")
        await shows(pilot, "leftovers")
        harmless(text_of(app))
        await matches_golden(pilot, "packages-60x17")
        app.screen.query_one(PathTree).cursor = 7
        await pilot.press("w")
        await shows(pilot, "without apt-lists", "plash slim 2 apt-lists")
        await matches_golden(pilot, "slim-60x17")


async def test_a_column_of_packages_is_read_late_and_only_if_asked_for(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, first = [], threading.Event()

    def known(_store: Store, image: int, **_more: object) -> Known:
        first.wait(10)
        asked.append(image)
        if image == 5:
            raise PlashError("cannot mount")
        return summary(weighed(INSTALLED if image != 9 else (), (), ENTRIES))

    monkeypatch.setattr("plashui.image.packages.known.known", known)
    async with opened(sample, (120, 32)) as (app, pilot):
        assert "PKGS" not in text_of(app)
        await pilot.press("j", "G")
        await pilot.pause()
    assert asked == []
    config = Config(columns=("subtree", "packages", "packed"))
    async with opened(sample, (120, 32), loaded=Loaded(config, "")) as (app, pilot):
        await shows(pilot, "PKGS", "PACKED")
        rows = [line for line in text_of(app).splitlines() if "debian-12" in line]
        assert rows[0].count("~") == 2, "the first picture does not wait"
        first.set()
        facts = table_of(app)
        await until(pilot, lambda: len(facts.facts.packages) == len(facts.forest))
        assert sorted(asked) == sorted(facts.forest.images)
        await until(pilot, lambda: text_of(app).count("18 MB") >= 5)
        assert facts.facts.packages[5] is None
        assert facts.facts.packages[9] == (0, 0)
        await pilot.press("G", "g", "j", "j")
        await pilot.pause()
        assert len(asked) == len(facts.forest), "each image is read once"


def with_packages(place: Path, files: dict[str, str]) -> Path:
    """A layer with these files and what dpkg notes of three packages."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place


def stanza(name: str, version: str) -> str:
    """What dpkg notes of an installed package."""
    return f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n"


@pytest.fixture
def real(tmp_path: Path) -> Store:
    """An image with a package, one on it with a newer one, and one beside them."""
    store = stores.make(tmp_path / "home/.plashdata", (), CREATED)
    dpkg = "var/lib/dpkg"
    below = {
        f"{dpkg}/status": stanza("tool", "1") + stanza("other", "1"),
        f"{dpkg}/info/tool.list": "/usr/bin/tool\n/usr/share/doc/tool/README\n",
        "usr/bin/tool": "old\n",
        "usr/share/doc/tool/README": "read me\n",
        "usr/share/doc/tool/copyright": "ours\n",
    }
    above = {f"{dpkg}/status": stanza("tool", "2"), "usr/bin/tool": "longer\n"}
    apart = {"etc/motd": "hello\n"}
    for parent, files in ((0, below), (1, above), (0, apart)):
        place = with_packages(tmp_path / f"layer{len(files)}", files)
        words = ["stack", str(parent), str(place)]
        environment = {**os.environ, "PLASH_DATA": str(store.path)}
        assert process.call(words, environment=environment).status == 0
    return store


async def test_leftovers_are_left_out_by_a_new_image(real: Store) -> None:
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("j", "6", "o")
        await shows(pilot, "docs", "tool")
        await pilot.press("w")
        await shows(pilot, "Image 2 without docs")
        app.screen.query_one(Input).value = "thin"
        await pilot.press("enter")
        await told(pilot, "Slim 2: image 4 is without 1 file")
        forest = real.read()
        assert forest.images[4].parent == 2
        assert forest.images[4].names == ("thin",)
        assert 2 in forest
        await pilot.press("escape", "escape", "u")
        await told(pilot, "Image 4 moved to the trash")
        assert real.read().images.keys() == {1, 2, 3}


async def test_a_store_that_is_only_read_is_not_slimmed(real: Store) -> None:
    async with opened(real, (120, 32), read_only=True) as (app, pilot):
        await pilot.press("j", "6", "o")
        await shows(pilot, "docs")
        await pilot.press("w")
        await told(pilot, "Read-only store")
        assert app.screen is main_of(app)


TOOL = Installed("dpkg", "tool", "1", "amd64", 2, 4096)
COMPARED = Comparison(
    (ConfigChange("Cmd", "sh", EVIL), ConfigChange("Env A", None, "1")),
    (
        PackageFiles(
            TOOL,
            PackageChange(TOOL, TOOL._replace(version="2", bytes=90_000)),
            (Change("/usr/bin/tool", sized("", 9), sized("", 99), ("content",)),),
        ),
        PackageFiles(TOOL._replace(name=EVIL), None, ()),
        PackageFiles(None, None, (Change(f"/etc/{EVIL}", None, sized("", 5)),)),
    ),
    (f"rpm: {EVIL}",),
)


@pytest.mark.parametrize("size", [(120, 32), (60, 17)], ids=["broad", "small"])
async def test_the_page_of_a_comparison(
    sample: Store, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def compared(old: ImageIn, new: ImageIn, **_more: object) -> Comparison:
        asked.append((old.image, new.image))
        return COMPARED

    monkeypatch.setattr("plashui.image.comparison.compare_images", compared)
    async with opened(sample, size) as (app, pilot):
        await pilot.press("space", "j", "space", "equals_sign")
        await shows(pilot, "tool", "not readable")
        assert asked == [(1, 17)]
        await pilot.press("asterisk")
        harmless(text_of(app))
        await matches_golden(pilot, f"comparison-{size[0]}x{size[1]}")
        await pilot.press("equals_sign")
        await shows(pilot, "SUBTREE")
        assert table_of(app).marks == {1, 17}, "the marks stay"


async def test_two_images_are_compared_by_package(real: Store) -> None:
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("space", "equals_sign")
        await shows(pilot, "- 1", "+ 2", "other", "tool", "1 → 2")
        screen = app.screen
        assert isinstance(screen, ComparisonScreen)
        await pilot.press("j", "l", "j", "j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, FileDiffScreen))
        await shows(pilot, "-old", "+longer")
        await pilot.press("escape", "escape")
        await shows(pilot, "SUBTREE")
        await pilot.press("space", "space", "equals_sign")
        await told(pilot, "Mark two images")


async def test_an_image_is_compared_with_one_that_is_not_here(
    real: Store, tmp_path: Path
) -> None:
    with_packages(tmp_path / "apart", {"etc/motd": "hello\nworld\n", "etc/new": "n"})
    async with opened(real, (120, 32)) as (app, pilot):
        await pilot.press("G", "equals_sign")
        await shows(pilot, "Compare image 3")
        field = app.screen.query_one(Input)
        field.value = "nothing here"
        await pilot.press("enter")
        await shows(pilot, "no image or name")
        field.value = f"dir:{tmp_path}/apart"
        await pilot.press("enter")
        await shows(pilot, "+ dir:", "motd", "new")
        await pilot.press("j", "j", "enter")
        await told(pilot, "pulled for the comparison only")
        assert not any(isinstance(s, Pager) for s in app.screen_stack)
        assert os.listdir(real.path / "tmp") == []
        assert len(real.read()) == 3

"""A file of an image in the person's pager and editor, which are scripts here."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from plashui.base.errors import PlashError
from plashui.helper import process
from plashui.helper.program import program
from plashui.image.mounted_image import open_image
from plashui.operations import edit
from plashui.store.changes.saved_changes import kept
from plashui.store.store import Store
from plashui.ui.dialogs.shells.shell_return import ShellReturn
from plashui.ui.widgets.path_tree import PathTree
from tests.tools import leftovers
from tests.ui import stores
from tests.ui.conftest import CREATED
from tests.ui.driving import opened, shows, told, until, view_of

EVIL = "-x\x1b[31m [red]\nnew\udcff;$(touch bad)"


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An image of a file with mode 640 in a directory with mode 751, and a link."""
    store = stores.make(tmp_path / "home/.plashdata", (), CREATED)
    monkeypatch.setenv("PLASH_DATA", store.root)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "drafts"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("VISUAL", raising=False)
    (tmp_path / "drafts").mkdir()
    etc = tmp_path / "layer/etc"
    etc.mkdir(parents=True)
    (etc / "motd").write_text("old\n")
    (etc / "motd").chmod(0o640)
    (etc / EVIL).write_text("old\n")
    (tmp_path / "layer/way").symlink_to("etc")
    etc.chmod(0o751)
    assert process.call(["stack", "0", str(tmp_path / "layer")]).status == 0
    return store


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The editor and pager: a script of a shell, to be written by the test."""
    path = tmp_path / "pro gram"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setenv("EDITOR", f"'{path}' --with words")
    monkeypatch.setenv("PAGER", f"'{path}'")
    return path


def does(script: Path, *lines: str) -> None:
    """Let the program do this; its file is the last argument."""
    script.write_text("\n".join(["#!/bin/sh", "for file; do :; done", *lines, ""]))


async def at(pilot: Pilot[None], name: str) -> None:
    """Open the tab Files, and put the cursor on a file in /etc."""
    await pilot.press("4", "o")
    tree = pilot.app.screen.query_one(PathTree)
    await until(pilot, lambda: tree.rows)
    tree.go_to("/etc")
    await pilot.press("l")
    path = f"/etc/{name}"
    await until(pilot, lambda: any(row.path == path for row, _depth in tree.rows))
    tree.go_to(path)
    await until(pilot, lambda: tree.node is not None and tree.node.path == path)


def drafts(store: Store) -> list[str]:
    """What is left of copies."""
    return [path.name for path in (store.path.parents[1] / "drafts").rglob("*")]


@pytest.mark.parametrize("name", ["motd", EVIL])
async def test_what_was_edited_becomes_an_image_and_u_takes_it_back(
    image: Store, script: Path, name: str
) -> None:
    # Editors often write another file and rename it.
    does(script, 'echo new > "$file.x" && mv "$file.x" "$file"')
    async with opened(image) as (app, pilot):
        await at(pilot, name)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await shows(pilot, f"Edit of {'motd' if name == 'motd' else '-x'}")
        await pilot.pause(0.1)
        await pilot.press(*"news", "enter")
        await told(pilot, "Saved as image 2 (news)")
        with open_image(image, 2) as merged, open_image(image, 1) as before:
            assert merged.read(f"/etc/{name}") == b"new\n"
            for path in ("/", "/etc", f"/etc/{name}"):
                old, new = before.entry(path), merged.entry(path)
                assert (old.mode, old.uid, old.gid) == (new.mode, new.uid, new.gid)
            assert len(merged.entries("/etc")) == 2
        assert image.read().images[2].origin == f"edit /etc/{name}"
        assert not drafts(image)
        await until(pilot, lambda: view_of(app).image == 2)
        await pilot.press("escape", "escape", "u")
        await told(pilot, "Image 2 moved to the trash")
        assert set(image.read().images) == {1}
    assert not leftovers(image.path)


async def test_what_is_not_changed_leaves_nothing(image: Store, script: Path) -> None:
    does(script, 'cat "$file"')
    async with opened(image) as (app, pilot):
        await at(pilot, "motd")
        await pilot.press("e")
        await told(pilot, "Nothing changed in /etc/motd")
        does(script, 'rm "$file"')
        await pilot.press("e")
        await told(pilot, "nothing was changed")
        assert app.screen is view_of(app).screen
        assert set(image.read().images) == {1}
        assert not drafts(image)
        assert not kept(image)


async def test_a_killed_editor_loses_nothing(image: Store, script: Path) -> None:
    does(script, 'echo half > "$file"; echo rest > "$file.swp"; kill -9 $$')
    async with opened(image) as (app, pilot):
        await at(pilot, "motd")
        await pilot.press("e")
        await told(pilot, "The editor was killed by SIGKILL, and left motd.swp in ")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await pilot.pause(0.1)
        await pilot.press("escape")
        await told(pilot, "Changes kept unsaved")
        [one] = kept(image, 1)
        assert (one.place / "data/etc/motd").read_text() == "half\n"
        assert "motd.swp" in drafts(image)


async def test_of_an_image_removed_meanwhile_the_changes_are_kept(
    image: Store, script: Path
) -> None:
    async with opened(image) as (app, pilot):
        await at(pilot, "motd")
        does(script, 'echo new > "$file"', f'"{program()}" rm 1')
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await shows(pilot, "Image 1 was removed meanwhile")
        await pilot.pause(0.1)
        await pilot.press("enter")
        await told(pilot, "image 1 was removed meanwhile")
        await until(pilot, lambda: isinstance(app.screen, ShellReturn))
        await pilot.pause(0.1)
        await pilot.press("escape")
        await told(pilot, "Changes kept unsaved")
        [one] = kept(image, 1)
        assert (one.place / "data/etc/motd").read_text() == "new\n"


async def test_the_pager_gets_the_file(image: Store, script: Path) -> None:
    seen = image.path.parents[1] / "seen"
    does(script, f'cat "$file" > "{seen}"; echo "$# ${{LESSOPEN-none}}" >> "{seen}"')
    async with opened(image) as (_app, pilot):
        await at(pilot, EVIL)
        await pilot.press("v")
        await until(
            pilot, lambda: seen.exists() and seen.read_text() == "old\n1 none\n"
        )
        await until(pilot, lambda: not drafts(image))
        assert set(image.read().images) == {1}


async def test_a_store_that_is_only_read_is_not_edited(
    image: Store, script: Path
) -> None:
    does(script, 'echo new > "$file"')
    async with opened(image, read_only=True) as (_app, pilot):
        await at(pilot, "motd")
        await pilot.press("e")
        await told(pilot, "Read-only store")


async def test_an_editor_that_is_not_there_is_a_sentence(
    image: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor")
    async with opened(image) as (_app, pilot):
        await at(pilot, "motd")
        await pilot.press("e")
        await told(pilot, "cannot start no-such-editor")
        assert not drafts(image)
        assert not kept(image)


def test_which_program_is_meant() -> None:
    here = {"PATH": "/usr/bin:/bin"}
    assert edit.editor({**here, "VISUAL": "a 'b c'", "EDITOR": "d"}) == ["a", "b c"]
    assert edit.editor({**here, "VISUAL": " ", "EDITOR": "d"}) == ["d"]
    assert edit.program_of(here, ("EDITOR",), ("no-such", "sh")) == ["sh"]
    with pytest.raises(PlashError, match="EDITOR cannot be understood"):
        edit.editor({"EDITOR": "'a"})
    with pytest.raises(PlashError, match="there is no no-such"):
        edit.program_of(here, ("EDITOR",), ("no-such",))


def test_a_link_is_followed_and_what_is_no_file_refused(
    image: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with edit.copied(image, 1, "/way/motd") as draft:
        assert draft.path == "/etc/motd"
        assert draft.file.stat().st_mode & 0o777 == 0o600
        assert draft.file.parent.stat().st_mode & 0o777 == 0o700
    with edit.copied(image, 1, f"/etc/{EVIL}") as draft:
        assert draft.file.name.replace("_", "").isalnum()
    with (
        pytest.raises(PlashError, match="not a regular file"),
        edit.copied(image, 1, "/way"),
    ):
        pass
    monkeypatch.setattr(edit, "MOST", 3)
    with (
        pytest.raises(PlashError, match="more than the"),
        edit.copied(image, 1, "/etc/motd"),
    ):
        pass
    assert not list((tmp_path / "drafts").iterdir())

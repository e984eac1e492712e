"""Command lines that are shown: true of what is done, and of where it is done."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from plashui.model.forest import Forest
from plashui.store import marks, names
from plashui.store.store import Store
from plashui.ui.actions.table import ACTIONS, action
from plashui.ui.application import PlashuiApp
from plashui.ui.model.action import Now
from plashui.ui.model.builds.form import build_form
from plashui.ui.model.exports.form import export_form, mount_form
from plashui.ui.model.sources.table import import_form
from plashui.ui.screens.help import help_lines
from plashui.verbs.table import VERBS
from tests.ui.driving import opened, shows, text_of, until


def test_every_action_stands_for_a_verb_there_is() -> None:
    for entry in ACTIONS:
        words = entry.line(Now(7)).split()
        assert not words or words[1] in VERBS or words[1] == "--store", entry.name


def test_a_line_says_what_would_be_acted_on() -> None:
    now = Now(7, (3, 7), ("5", "9-ab12"))
    assert action("remove").line(now) == "plash rm --trash 3 7"
    assert action("compare").line(now) == "plash diff --packages --config 3 7"
    assert action("compare").line(Now(7)) == "plash diff --packages --config ID 7"
    assert action("undo").line(now) == "plash restore 5 9-ab12"
    assert action("undo").line(Now(7)) == "plash restore ID"


def test_a_line_about_another_store_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Now(7, root="/srv/my images")
    assert action("shell").line(now) == "PLASH_DATA='/srv/my images' plash run 7"
    assert action("help").line(now) == "plash help"
    assert action("jobs").line(now) == ""
    monkeypatch.setenv("PLASH_DATA", "/srv/my images")
    assert action("shell").line(now) == "plash run 7"


def test_a_line_that_names_very_many_is_cut_in_the_help() -> None:
    few, many = Now(1, (1, 2)), Now(1, tuple(range(1, 2000)))
    assert len(help_lines(many, 80, ACTIONS)) < len(help_lines(few, 80, ACTIONS)) + 12


def test_the_lines_of_forms_mean_the_same_in_a_shell(tmp_path: Path) -> None:
    home, store = os.environ["HOME"], Store(tmp_path / "s")
    at = f"PLASH_DATA={store.root} plash"
    tar = {"source": "file", "file": "~/a b.tar", "name": "web"}
    pull = f"{at} pull:file '{home}/a b.tar'"
    assert import_form(store).line(tar) == f"{at} map web $({pull})"
    assert import_form(store).line({**tar, "name": ""}) == pull
    wants = [
        (
            build_form(store, 7, Forest({})),
            {"command": "make 'a b'"},
            "build 7 make 'a b'",
        ),
        (
            export_form(store, 7),
            {"as": "dir", "copy": "~/x"},
            f"push:dir 7 {home}/x",
        ),
        (export_form(store, 7), {"as": "tar"}, "push:tarfile 7 FILE"),
        (
            export_form(store, 7),
            {"as": "squashfs", "squashfs": "~/a b"},
            f"push:squashfs 7 '{home}/a b'",
        ),
        (export_form(store, 7), {"as": "app"}, "push:app 7 FILE"),
        (
            export_form(store, 7),
            {
                "as": "app",
                "app_file": "~/a b",
                "app_cmd": "ls /",
                "app_arg": "'in dir:bind>/in' -p:env>PORT:int",
                "app_network": "host",
                "app_root": "read-only",
                "app_compress": "xz",
            },
            "push:app --cmd 'ls /' --arg 'in dir:bind>/in' --arg '-p:env>PORT:int'"
            f" --network --read-only --compress xz 7 '{home}/a b'",
        ),
        (
            export_form(store, 7),
            {
                "as": "app",
                "app_file": "x",
                "app_name": "web",
                "app_entrypoint": "sh -c",
                "app_icon": "~/i.svg",
                "app_desktop": "e.desktop",
                "app_definition": "~/d.def",
            },
            f"push:app --name web --entrypoint 'sh -c' --icon {home}/i.svg --desktop"
            f" e.desktop --definition {home}/d.def x",
        ),
        (export_form(store, 7), {"as": "bundle"}, "push:bundle 7 DIR"),
        (export_form(store, 7), {"as": "ssh"}, "push:ssh 7 ADDRESS"),
        (
            build_form(store, 7, Forest({})),
            {"command": "make", "home": "shared"},
            "build --share-home 7 make",
        ),
    ]
    for form, values, line in wants:
        assert form.line(values) == f"{at} {line}"
        assert shlex.split(form.line(values))[1] == "plash"
    mount = mount_form(7, store.root).line({"mountpoint": "~"})
    assert mount == f"mkdir -p {home} && {at} mount 7 {home}"


def test_a_mount_makes_its_directory_as_the_app_does(tmp_path: Path) -> None:
    line = mount_form(7).line({"mountpoint": f"{tmp_path}/a b"})
    assert line == f"mkdir -p '{tmp_path}/a b' && plash mount 7 '{tmp_path}/a b'"
    assert mount_form(7).line({"mountpoint": ""}) == "plash mount 7 DIR"


async def test_everything_shown_of_another_store_says_which(
    sample: Store, tmp_path: Path
) -> None:
    other = Store(Path(sample.root).rename(tmp_path / "s"))
    async with opened(other, (320, 45)) as (_app, pilot):
        await shows(pilot, "$ PLASH_DATA=")
        await pilot.press("question_mark")
        await shows(pilot, "Keys and commands", "$ PLASH_DATA=", "plash run 1")
        await pilot.press("escape", "ctrl+p", *"isolated")
        await shows(pilot, "$ PLASH_DATA=")
        await pilot.press("escape", "N")
        await shows(pilot, "Note on image 1", "$ PLASH_DATA=", "plash note 1")


async def test_every_question_says_its_line(sample: Store) -> None:
    async with opened(sample) as (_app, pilot):
        await pilot.press("d")
        await shows(pilot, "$ plash rm --trash 1")
        await pilot.press("escape", "j", "j", "P", "d")
        await shows(pilot, "Image 17 is pinned", "$ plash rm --trash --force 17")
        await pilot.press("escape", "S")
        await shows(pilot, "$ plash shrink --trash")
        await pilot.press(*"1G", "tab", *"30d")
        await shows(pilot, "$ plash shrink --trash --to 1G --older 30d")
        await pilot.press("escape", "z", "tab", "w")
        await shows(pilot, "$ plash map w $(plash squash 17)")


async def test_the_list_of_what_goes_leaves_room_for_all_that_is_said(
    sample: Store,
) -> None:
    for image in sample.read().images:
        marks.pin(sample, image)
        names.set_name(sample, f"{'long' * 12}-{image}", image)
    async with opened(sample, (60, 17)) as (_app, pilot):
        await pilot.press("d")
        await shows(pilot, "5 images", "are pinned", "Remove")


async def test_what_is_told_never_covers_the_answers(
    sample: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow this machine is.
    monkeypatch.setattr(PlashuiApp, "NOTIFICATION_TIMEOUT", 600.0)
    async with opened(sample, (60, 17), toasts=True) as (app, pilot):
        for number in range(5):
            app.tell(f"something that was done a moment ago, number {number}")
        await pilot.press("d")
        await shows(pilot, "number 4", "Back      Move to the trash")
        await until(pilot, lambda: "number 3" not in text_of(app))
        await shows(pilot, "number 4", "Back      Move to the trash")

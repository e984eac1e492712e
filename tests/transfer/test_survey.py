"""What is in a tree is known before it is copied."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from plashui.base.errors import Cancelled
from plashui.base.progress import Cancel, silent
from plashui.helper.subids import Ours
from plashui.transfer.imports.survey import survey

NOBODYS = Ours((range(5_000_000, 5_000_001),), (range(5_000_000, 5_000_001),))


def test_the_size_of_the_tar_is_known_beforehand(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    (tree / "a/file").write_bytes(b"x" * 3_000_000)
    os.link(tree / "a/file", tree / "a/b/same")
    with (tree / "holes").open("wb") as file:
        file.truncate(50_000_000)
    (tree / "link").symlink_to("nowhere")
    for number in range(300):
        (tree / f"a/b/{number}").write_text("x")
    tar = ["tar", "-cSf", "-", "--format=pax", "-C", str(tree), "."]
    real = len(subprocess.run(tar, capture_output=True, check=True).stdout)
    found = survey(tree, None, silent, None)
    assert found.bytes is not None
    assert 0.9 < found.bytes / real < 1.1
    assert (found.strangers, found.mounts) == (0, ())


def test_strangers_are_counted_and_links_not_followed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/file").touch()
    (tmp_path / "d/up").symlink_to("..")
    mine = Ours((range(os.getuid(), os.getuid() + 1),), (range(1 << 31),))
    assert survey(tmp_path, mine, silent, None).strangers == 0
    assert survey(tmp_path, NOBODYS, silent, None).strangers == 4
    assert survey(tmp_path, None, silent, None).strangers == 0


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        survey(tmp_path, None, silent, cancel)

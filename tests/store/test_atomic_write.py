"""A file that has no name until it is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.store.atomic_write import nameless_file


def test_while_it_is_written_there_is_nothing_to_see(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("older")
    with nameless_file(place) as file:
        file.write(b"new")
        file.flush()
        assert os.listdir(tmp_path) == ["file"]
        assert place.read_text() == "older"
    assert (os.listdir(tmp_path), place.read_text()) == (["file"], "new")


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def fails(place: Path) -> None:
        with nameless_file(place) as file:
            file.write(b"new")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails(tmp_path / "file")
    assert os.listdir(tmp_path) == []
    (tmp_path / "directory/x").mkdir(parents=True)
    with pytest.raises(IsADirectoryError), nameless_file(tmp_path / "directory"):
        pass
    assert os.listdir(tmp_path) == ["directory"]


def test_where_a_file_needs_a_name_it_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY | os.O_EXCL)
    with nameless_file(tmp_path / "file") as file:
        file.write(b"new")
        assert os.listdir(tmp_path) == [f"file.partial-{os.getpid()}"]
    assert (tmp_path / "file").read_text() == "new"

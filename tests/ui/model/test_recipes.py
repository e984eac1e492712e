"""Macros in the form of a build: what they would do, before they do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.recipes import cache
from plashui.recipes.look import look
from plashui.store.store import Store
from plashui.ui.model.recipes import check_recipe, is_recipe, look_at, plan_of
from tests.store.test_store import fill_old_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of images 3 ("debian"), 7, 8 and 12."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return Store(fill_old_store(tmp_path / "store"))


def looked(store: Store, line: str) -> tuple[str, ...]:
    found = look_at(store, 3, line)
    assert found is not None
    (last,) = found.find(Cancel())
    return last.lines


def test_a_command_is_not_a_recipe(store: Store) -> None:
    assert is_recipe("--apt git")
    assert look_at(store, 3, "apt-get install git") is None


def test_each_step_is_a_hit_or_a_miss_with_its_reason(store: Store) -> None:
    line = "--run a --layer --run b"
    assert looked(store, line) == (
        "--run a · to do: not done on image 3 before",
        "--run b · to do: the step before it is done anew",
    )
    (stage,) = look(store, plan_of(3, line))
    cache.remember(store, stage.steps[0].key, 8)
    assert looked(store, line) == (
        "--run a · image 8",
        "--run b · to do: not done on image 8 before",
    )


def test_what_begins_with_an_image_itself_is_built_on_that(store: Store) -> None:
    assert looked(store, "--from 7 --run a")[0].endswith("not done on image 7 before")
    assert looked(store, "--from 7") == ("nothing to do",)


def test_a_look_does_nothing_that_nobody_has_asked_for(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'did')!r}, 'w')\n")
    line = f"--import {tmp_path}/evil --run a"
    with pytest.raises(PlashError, match="no macro 'import'"):
        looked(store, line)
    check_recipe(3, line)
    assert not (tmp_path / "did").exists()


def test_a_wrong_macro_is_told_in_the_form(store: Store) -> None:
    with pytest.raises(PlashError, match="did you mean 'apt'"):
        check_recipe(3, "--aptt git")
    with pytest.raises(PlashError, match="no standard input"):
        check_recipe(3, "--run-stdin")
    assert store.exists()


def test_details_are_offered_if_not_all_steps_are_shown(store: Store) -> None:
    few = look_at(store, 3, "--run a --run b")
    many = look_at(store, 3, " ".join(f"--layer --run {n}" for n in range(9)))
    assert few is not None
    assert many is not None
    assert [one.details for one in few.find(Cancel())] == [()]
    (last,) = many.find(Cancel())
    assert (len(last.lines), len(last.details)) == (7, 9)
    assert many.details == "all steps"

"""A new image takes no name from another one unless that is forced."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from plashui.base.errors import NameTaken, PlashError
from plashui.base.progress import Progress
from plashui.store import names
from plashui.store.new_name import NewName
from plashui.store.store import Store
from plashui.transfer.imports.directory import import_directory
from plashui.transfer.imports.tarball import import_tar


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory to import."""
    place = tmp_path / "tree"
    place.mkdir()
    (place / "a").write_text("a")
    return place


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def test_an_import_gives_the_image_a_name_that_is_free(
    store: Store, tree: Path
) -> None:
    made = import_directory(store, tree, name=NewName("base")).image.id
    assert store.get_name("base") == made


def test_a_taken_name_is_said_before_anything_is_made(store: Store, tree: Path) -> None:
    first = import_directory(store, tree, name=NewName("base")).image.id
    with pytest.raises(NameTaken, match=f"'base' belongs to image {first}") as caught:
        import_directory(store, tree, name=NewName("base"))
    assert (caught.value.name, caught.value.image) == ("base", first)
    assert caught.value.made is None
    with pytest.raises(NameTaken):
        import_tar(store, io.BytesIO(b"never looked at"), name=NewName("base"))
    for word, why in (
        ("./a", "it looks like a path"),
        ("a/", "it looks like a path"),
        ("..", "it stands for a directory"),
        ("a\0", "it contains a NUL character"),
    ):
        with pytest.raises(PlashError, match=f"cannot be a name: {why}"):
            import_directory(store, tree, name=NewName(word))
    assert list(store.read().images) == [first]


def test_a_taken_name_is_moved_if_forced(store: Store, tree: Path) -> None:
    import_directory(store, tree, name=NewName("base"))
    made = import_directory(store, tree, name=NewName("base", force=True)).image.id
    assert store.get_name("base") == made


def test_an_image_whose_name_is_taken_meanwhile_is_named_in_the_error(
    store: Store, tree: Path
) -> None:
    first = import_directory(store, tree).image.id

    def take(_progress: Progress) -> None:
        names.set_name(store, "base", first)

    with pytest.raises(NameTaken) as caught:
        import_directory(store, tree, name=NewName("base"), report=take)
    made = caught.value.made
    assert made is not None
    assert str(caught.value).startswith(f"image {made} was made, but not named: ")
    assert store.get_name("base") == first
    assert sorted(store.read().images) == [first, made]

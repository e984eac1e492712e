"""What a stage begins with: an id, a name, or a source that was pulled before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.recipes import bases
from plashui.recipes.cache import key_of, remember
from plashui.recipes.plan import FromImage
from plashui.recipes.pulls import PULLS, pulled
from plashui.store.store import Store
from tests.store.test_store import fill_old_store
from tests.transfer.oci.images import Shelf, tar_of


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of images 3 ("debian"), 7, 8 and 12, with settings of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return Store(fill_old_store(tmp_path / "store"))


def found(store: Store, word: str) -> int | None:
    return bases.found(store, FromImage(word))


def test_a_word_is_an_id_then_a_name_then_a_source(store: Store) -> None:
    assert found(store, "8") == 8
    assert found(store, "debian") == found(store, "map:debian") == 3
    assert found(store, "sid") is None
    with pytest.raises(PlashError, match="no image 99"):
        found(store, "99")
    with pytest.raises(PlashError, match="no image has the name 'nobody'"):
        found(store, "map:nobody")


def test_a_source_that_was_pulled_is_known_by_the_words_of_the_cache(
    store: Store,
) -> None:
    remember(store, key_of(["pull:oci", "box:1"]), 7)
    assert found(store, "oci:box:1") == found(store, "box:1") == 7
    assert found(store, "lxc:box:1") is None


def test_the_settings_say_which_release_and_which_source_comes_first(
    store: Store, tmp_path: Path
) -> None:
    remember(store, key_of(["pull:lxc", "alpine:3"]), 7)
    remember(store, key_of(["pull:oci", "alpine"]), 8)
    assert found(store, "alpine") == 8, "edge is the usual release"
    (tmp_path / "plashui").mkdir()
    file = tmp_path / "plashui/config.toml"
    file.write_text("[releases]\nalpine = '3'\n")
    assert found(store, "alpine") == 7
    order = json.dumps(["oci", "lxc"])
    file.write_text(f"build-from = {order}\n[releases]\nalpine = '3'\n")
    assert found(store, "alpine") == 8


def test_every_kind_of_source_has_a_pull() -> None:
    assert (*PULLS,) == bases.KINDS


def test_files_and_directories_become_images_once(store: Store, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.image("it", [tar_of({"one": "1"})])
    shelf.layout(tmp_path / "layout", "it")
    (tmp_path / "root.tar").write_bytes(tar_of({"etc/two": "2"}))
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/three").write_text("3")
    for word, file in (
        (f"file:{tmp_path}/layout", "one"),
        (f"file:{tmp_path}/root.tar", "etc/two"),
        (f"url:file://{tmp_path}/root.tar", "etc/two"),
        (f"dir:{tmp_path}/dir", "three"),
    ):
        base = FromImage(word)
        assert bases.found(store, base) is None
        image = pulled(store, base)
        assert bases.found(store, base) == image
        assert (Path(store.root) / store.layer(image) / "_data/root" / file).exists()
    with pytest.raises(PlashError, match="nosuch"):
        pulled(store, FromImage(f"file:{tmp_path}/nosuch"))

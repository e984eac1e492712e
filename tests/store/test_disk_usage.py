"""What is counted of a store beside the contents of layers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.store.disk_usage import metadata_bytes
from plashui.store.metadata import write_wishes
from plashui.store.oci import blob_numbers
from plashui.store.store import Store
from tests.tools import write_notes
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, tar_of


def test_what_an_image_takes_beside_its_layer_is_all_its_notes(tmp_path: Path) -> None:
    meta = tmp_path / "layer/0/1/_meta"
    meta.mkdir(parents=True)
    write_notes(meta.parent, "here", allocated=1, apparent=1, files=1)
    write_wishes(meta, {"config": {"User": "me"}})
    assert sorted(os.listdir(meta)) == ["image.json", "run.conf", "usage.json"]
    places = (meta.parent, meta, *meta.iterdir())
    took = sum(place.lstat().st_blocks * 512 for place in places)
    assert metadata_bytes(Store(tmp_path), "layer/0/1") == took


def test_the_notes_of_a_pulled_image_are_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store, shelf = Store(tmp_path / "store"), Shelf()
    shelf.image("a", [tar_of({f"d/{n}/f": str(n) for n in range(500)})])
    image = pulled(store, shelf, "a").id
    numbers = blob_numbers.known(store, image)[0]
    blob_numbers.note(store, image, numbers, "registry.example.org/a")
    node = store.path / store.layer(image)
    names = os.listdir(node / "_meta")
    assert {"recipe.zlib", "implied", "config.json", "blobs.json"} < {*names}
    places = (node, node / "_meta", *(node / "_meta").iterdir())
    took = sum(place.lstat().st_blocks * 512 for place in places)
    assert metadata_bytes(store, store.layer(image)) == took

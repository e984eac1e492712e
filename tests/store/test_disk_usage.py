"""What is counted of a store beside the contents of layers."""

from __future__ import annotations

import os
from pathlib import Path

from plashui.store.disk_usage import metadata_bytes
from plashui.store.metadata import write_wishes
from plashui.store.store import Store
from tests.tools import write_notes


def test_what_an_image_takes_beside_its_layer_is_all_its_notes(tmp_path: Path) -> None:
    meta = tmp_path / "layer/0/1/_meta"
    meta.mkdir(parents=True)
    write_notes(meta.parent, "here", allocated=1, apparent=1, files=1)
    write_wishes(meta, {"config": {"User": "me"}})
    assert sorted(os.listdir(meta)) == ["image.json", "run.conf", "usage.json"]
    places = (meta.parent, meta, *meta.iterdir())
    took = sum(place.lstat().st_blocks * 512 for place in places)
    assert metadata_bytes(Store(tmp_path), "layer/0/1") == took

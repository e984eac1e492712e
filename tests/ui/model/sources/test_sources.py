"""The sources of the app's form bring what their verbs do."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, silent
from plashui.store.store import Store
from plashui.ui.model.sources.table import import_form, importing
from tests.transfer.image_server import image_server


def test_an_image_server_is_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busybox_tar: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = Store(tmp_path / "store")
    values = {"source": "lxc", "release": "sid", "name": "deb"}
    assert "pull:lxc sid" in import_form(store).line(values)
    with image_server() as site:
        site.offer("debian:sid", lzma.compress(busybox_tar.read_bytes(), preset=0))
        monkeypatch.setenv("PLASHUI_LXC_SERVER", site.address)
        import_form(store).check(values)
        done = importing(store, values)(silent, Cancel())
        assert (done.image, store.get_name("deb")) == (1, 1)
        del site.files["/streams/v1/index.json"]
        done = importing(store, values | {"name": ""})(silent, Cancel())
        assert "tells no digests" in str(done)
        with pytest.raises(PlashError, match="has no 'hurd'"):
            importing(store, values | {"release": "hurd", "name": ""})(silent, Cancel())
    assert store.read().images[1].origin == "lxc:debian:sid (20261129_05:24)"

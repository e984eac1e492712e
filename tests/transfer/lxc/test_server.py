"""The list of a server comes, whatever else the server says; or the last one does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.transfer.lxc import server
from plashui.transfer.lxc.server import address, known, listing
from tests.transfer.image_server import (
    IMAGES,
    INDEX,
    INDEX_USER,
    ImageServer,
    image_server,
)

HTML = b"<!doctype html><html>Welcome</html>"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the last list is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "plashui"


@pytest.fixture
def site(cache: Path) -> Iterator[ImageServer]:
    """A server with an image."""
    with image_server() as running:
        running.offer("debian:sid", b"root")
        yield running
    assert cache


def names(site: ImageServer) -> list[str]:
    """What the server has."""
    return [one.name for one in listing(site.address, wait=lambda _s: None).offers]


def test_the_list_with_digests_is_preferred(site: ImageServer) -> None:
    found = listing(site.address)
    assert [one.sha256 != "" for one in found.offers] == [True]
    assert found.said == ()
    assert site.paths == [INDEX, IMAGES]
    assert known(site.address) == list(found.offers)
    assert known("http://other.example") == []


@pytest.mark.parametrize("missing", [INDEX, IMAGES])
@pytest.mark.parametrize("instead", [None, HTML, b"{}"])
def test_without_it_lxcs_own_is_taken_and_said(
    site: ImageServer, missing: str, instead: bytes | None
) -> None:
    if (missing, instead) == (INDEX, b"{}"):  # says nothing: the usual list is taken
        site.files[INDEX] = b"{}"
        assert listing(site.address).said == ()
        return
    site.files.pop(missing)
    if instead is not None:
        site.files[missing] = instead
    found = listing(site.address)
    assert [(one.name, one.sha256, one.size) for one in found.offers] == [
        ("debian:sid", "", 0)
    ]
    assert "tells no digests" in found.said[0]


def test_a_server_without_any_list_is_an_error_that_says_what_it_sent(
    site: ImageServer,
) -> None:
    site.files = {INDEX: HTML, IMAGES: HTML, INDEX_USER: HTML}
    with pytest.raises(PlashError, match="is not a list of images: it is a web page"):
        names(site)
    site.files = {}
    with pytest.raises(PlashError, match=r"index\.json: not found"):
        names(site)


def test_a_list_of_100_mb_is_refused_and_not_read(site: ImageServer) -> None:
    site.files[IMAGES] = b" " * (100 << 20)
    with pytest.raises(PlashError, match="sends more than 16384 KiB"):
        names(site)
    site.length = False  # and does not say so beforehand
    with pytest.raises(PlashError, match="sends more than 16384 KiB"):
        names(site)


def test_an_outage_is_tried_again_and_then_said(site: ImageServer) -> None:
    site.statuses = [503, 429]
    assert names(site) == ["debian:sid"]
    site.statuses = [503]
    assert names(site) == ["debian:sid"]


@pytest.mark.parametrize("how", ["503", "html", "large", "gone", "empty"])
def test_the_last_list_serves_while_the_server_is_away(
    site: ImageServer, cache: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(site) == ["debian:sid"]
    kept = next(cache.glob("lxc-*"))
    value = json.loads(kept.read_text())
    value["time"] -= 3 * 3600 + 5
    kept.write_text(json.dumps(value))
    if how == "503":
        site.statuses = [503] * 9
    elif how == "html":
        site.files = dict.fromkeys(site.files, HTML)
    elif how == "large":
        site.files = dict.fromkeys(site.files, b" " * (17 << 20))
    elif how == "empty":
        site.files = {}
    else:
        monkeypatch.setattr(server, "_INDEX", "x")
        site.redirects["/x"] = "http://127.0.0.1:1/"
    found = listing(site.address)
    assert [one.name for one in found.offers] == ["debian:sid"]
    assert found.said[0].endswith("This is its list of 3 hours ago")


def test_a_damaged_cache_is_as_none(site: ImageServer, cache: Path) -> None:
    names(site)
    kept = next(cache.glob("lxc-*"))
    for text in ("", "{", "[]", '{"time": 1}', '{"time": "x", "offers": []}'):
        kept.write_text(text)
        assert known(site.address) == []
    assert names(site) == ["debian:sid"]
    assert known(site.address)


def test_a_server_without_images_for_the_machine_says_so(site: ImageServer) -> None:
    site.products = {}
    site.offer("debian:sid", b"root", arch="pdp11")
    with pytest.raises(PlashError, match="has no images for"):
        names(site)


def test_the_environment_goes_before_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PLASHUI_LXC_SERVER", raising=False)
    assert address(Config()) == "https://images.linuxcontainers.org"
    config = Config(lxc_server="https://mirror.example/lxc-images/")
    assert address(config) == "https://mirror.example/lxc-images"
    monkeypatch.setenv("PLASHUI_LXC_SERVER", "http://127.0.0.1:9")
    assert address(config) == "http://127.0.0.1:9"
    monkeypatch.setenv("PLASHUI_LXC_SERVER", "nonsense")
    with pytest.raises(PlashError, match="nonsense is not an http or https URL"):
        address(config)

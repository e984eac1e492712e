"""An image that is not changed keeps its config to the byte, and so its id."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

from plashui.base.small_file import MOST
from plashui.store.metadata import read_json
from plashui.store.oci import oci_nodes
from plashui.store.store import Store
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, digest_of, tar_of

TAR: Final = tar_of({"f": "x"})
ABOUT: Final[dict[str, Any]] = {
    "os": "linux",
    "architecture": "amd64",
    "config": {"Cmd": ["a <b> & c", "ä\u2028"], "Labels": {"n": "1"}},
    "rootfs": {"type": "layers", "diff_ids": [digest_of(TAR)]},
    "unknown": {"to us": [1, 2.5, None, True]},
}


def go(value: object) -> str:
    """JSON as programs in Go write it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


SPELLINGS: Final = {
    "go": go(ABOUT),
    "go with a newline": go(ABOUT) + "\n",
    "python": json.dumps(ABOUT),
    "compact": json.dumps(ABOUT, separators=(",", ":")),
    "plain": json.dumps(ABOUT, ensure_ascii=False),
    "odd": json.dumps(ABOUT, indent=3) + " ",
}


def take(store: Store, *configs: str) -> list[int]:
    """Pull images of one layer with these configs."""
    shelf = Shelf()
    shelf.image("a", [TAR])
    manifest = json.loads(shelf.tags["a"].raw)
    found = []
    for number, config in enumerate(configs):
        described = shelf.describe(config.encode(), manifest["config"]["mediaType"])
        tag = f"b{number}"
        shelf.document(tag, manifest | {"config": described}, manifest["mediaType"])
        found.append(pulled(store, shelf, tag).id)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def kept(store: Store, image: int) -> Path:
    """Where the config is."""
    return store.path / store.place(image) / "_meta/config.json"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_config_is_kept_as_it_came(store: Store, spelling: str) -> None:
    config = SPELLINGS[spelling]
    (image,) = take(store, config)
    assert oci_nodes.raw_config(store, image) == config.encode()
    assert kept(store, image).read_bytes() == config.encode()
    assert kept(store, image).stat().st_mode & 0o777 == 0o600
    notes = read_json(kept(store, image).with_name("image.json"))
    assert notes["config"] == ABOUT


def test_each_of_two_images_of_the_same_layers_keeps_its_own(store: Store) -> None:
    both = take(store, SPELLINGS["go"], SPELLINGS["odd"])
    assert len(set(both)) == 2
    assert [oci_nodes.raw_config(store, image) for image in both] == [
        *(SPELLINGS["go"].encode(), SPELLINGS["odd"].encode())
    ]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_that_was_not_kept_is_spelled_again(store: Store, spelling: str) -> None:
    (image,) = take(store, SPELLINGS[spelling])
    kept(store, image).unlink()
    found = oci_nodes.raw_config(store, image)
    odd = spelling == "odd"
    assert found == (None if odd else SPELLINGS[spelling].encode())


@pytest.mark.parametrize("damage", ["other", "a link", "a fifo", "huge"])
def test_what_is_not_the_config_is_not_taken_for_it(store: Store, damage: str) -> None:
    (image,) = take(store, SPELLINGS["odd"])
    path = kept(store, image)
    away = path.with_name("away")
    path.rename(away)
    if damage == "other":
        path.write_text(SPELLINGS["go"])
    elif damage == "a link":
        path.symlink_to(away)
    elif damage == "a fifo":
        os.mkfifo(path)
    else:
        with path.open("wb") as file:
            file.truncate(MOST + 1)
    assert oci_nodes.raw_config(store, image) is None


def test_an_image_that_was_not_pulled_has_none(store: Store) -> None:
    (image,) = take(store, SPELLINGS["go"])
    path = kept(store, image)
    (path.with_name("image.json")).write_text(json.dumps({"config": ABOUT}))
    assert oci_nodes.raw_config(store, image) is None

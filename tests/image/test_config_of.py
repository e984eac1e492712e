"""Every image has an OCI config, with an entry of history for each of its layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plashui.image.config_of import effective_config
from plashui.model.platform import this_machine
from plashui.operations.build import commit, commit_config
from plashui.store.atomic_write import new_directory
from plashui.store.oci.oci_nodes import has_layer, notes_of_chain
from plashui.store.store import Store
from plashui.store.workdir import workdir
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, tar_of

BASE, MORE = (tar_of({name: name}) for name in ("base", "more"))
STEPS: list[dict[str, Any]] = [
    {"created": "2026-01-02T03:04:05.678901234Z", "created_by": "ADD base"},
    {"created_by": "ENV A=1", "empty_layer": True},
    {"created_by": "RUN more", "comment": "buildkit"},
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def image(store: Store) -> int:
    """A pulled image of two layers."""
    shelf = Shelf()
    shelf.image(
        "a", [BASE, MORE], platform="linux/arm64/v8", history=STEPS, Env=["A=1"]
    )
    return pulled(store, shelf, "a").id


def built(store: Store, parent: int, origin: str, **more: object) -> int:
    """A child with a layer of its own."""
    with workdir(store) as work, new_directory("data", work.lock):
        return commit(store, parent, work, origin, more=more)


def birth(store: Store, image: int) -> str:
    """When an image was made, as its metadata has it."""
    notes = notes_of_chain(store, image)[0][1]
    return str(notes["created"]).replace("+00:00", "Z")


def not_empty(config: dict[str, Any]) -> int:
    """How many layers a config tells of."""
    return sum("empty_layer" not in one for one in config["history"])


def test_a_pulled_image_has_its_config_as_it_came(store: Store, image: int) -> None:
    assert effective_config(store, image) == {
        "os": "linux",
        "architecture": "arm64",
        "variant": "v8",
        "config": {"Env": ["A=1"]},
        "history": STEPS,
    }


def test_what_is_built_on_it_goes_on_with_the_history(store: Store, image: int) -> None:
    child = built(store, image, "echo 'a b'", command=["echo", "a b"])
    shell = built(store, child, "shell")
    top = commit_config(store, shell, "config", {"config": {"User": "me"}}, {})
    assert effective_config(store, top) == {
        "created": birth(store, top),
        "os": this_machine().os,
        "architecture": this_machine().architecture,
        "config": {"User": "me"},
        "history": [
            *STEPS,
            {"created": birth(store, child), "created_by": "echo 'a b'"},
            {"created": birth(store, shell), "comment": "shell"},
            {"created": birth(store, top), "comment": "config", "empty_layer": True},
        ],
    }
    below = effective_config(store, shell)
    assert (below["architecture"], below["variant"]) == ("arm64", "v8")
    assert below["config"] == {"Env": ["A=1"]}


def test_an_image_without_a_config_below_it_is_for_this_machine(store: Store) -> None:
    store.create()
    image = built(store, 0, "debian.tar")
    config = effective_config(store, image)
    assert config["config"] == {}
    assert (config["os"], config["architecture"]) == this_machine()[:2]
    assert [one["comment"] for one in config["history"]] == ["debian.tar"]


def test_the_same_store_gives_the_same_document(store: Store, image: int) -> None:
    child = built(store, image, "x", command=["x"])
    one, other = (json.dumps(effective_config(store, child)) for _ in range(2))
    assert one == other


def test_only_times_of_own_layers_are_clamped(store: Store, image: int) -> None:
    child = built(store, image, "x")
    config = effective_config(store, child, clamp=1_700_000_000)
    assert config["created"] == "2023-11-14T22:13:20Z"
    assert [one.get("created") for one in config["history"]] == [
        STEPS[0]["created"],
        None,
        None,
        "2023-11-14T22:13:20Z",
    ]
    late = effective_config(store, child, clamp=1 << 40)
    assert late["created"] == birth(store, child)


@pytest.mark.parametrize(
    "history",
    [
        None,
        "text",
        [{"created_by": "only one"}],
        [{"created": "yesterday", "created_by": 5, "comment": "x", "more": 1}, {}],
    ],
)
def test_as_many_entries_as_layers_whatever_the_pulled_config_says(
    store: Store, history: object
) -> None:
    shelf = Shelf()
    shelf.image("a", [BASE, MORE], history=history)
    child = built(store, pulled(store, shelf, "a").id, "x")
    config = effective_config(store, child)
    layers = [
        notes for _node, notes in notes_of_chain(store, child) if has_layer(notes)
    ]
    assert not_empty(config) == len(layers) == 3
    texts = [value for one in config["history"] for value in one.values()]
    assert all(isinstance(text, str) for text in texts)
    assert "yesterday" not in texts


def test_a_second_config_of_the_same_layers_is_no_layer(
    store: Store, image: int
) -> None:
    shelf = Shelf()
    shelf.image("b", [BASE, MORE], Cmd=["b"])
    other = pulled(store, shelf, "b").id
    assert store.read().images[other].parent == image
    child = built(store, other, "x")
    config = effective_config(store, child)
    assert config["config"] == {"Cmd": ["b"]}
    assert not_empty(config) == 3
    assert [has_layer(n) for _node, n in notes_of_chain(store, child)] == [
        True,
        False,
        True,
        True,
    ]


def test_a_layer_of_an_image_that_has_no_config_tells_what_made_it(
    store: Store, image: int
) -> None:
    lower = store.read().images[image].parent
    assert effective_config(store, built(store, lower, "x"))["history"][0] == {
        "created_by": "ADD base"
    }


def test_command_words_that_are_no_text_are_replaced(store: Store) -> None:
    store.create()
    image = built(store, 0, "x", command=["touch", "\udcff"])
    config = effective_config(store, image)
    assert json.dumps(config, ensure_ascii=False).encode()
    assert config["history"][0]["created_by"] == "touch '\ufffd'"

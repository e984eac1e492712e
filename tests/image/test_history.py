"""The history of pulled images has the steps that made no layer, in their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.image.history import Step, history
from plashui.operations.build import commit
from plashui.store.atomic_write import new_directory
from plashui.store.store import Store
from plashui.store.workdir import workdir
from tests.transfer.oci.conftest import pulled
from tests.transfer.oci.images import Shelf, tar_of

BASE, MORE = (tar_of({name: name * 5000}) for name in ("base", "more"))


def step(by: str, *, empty: bool = False) -> dict[str, object]:
    """One step of a history, as a config has it."""
    return {"created_by": by} | ({"empty_layer": True} if empty else {})


STEPS = [
    step("LABEL a=b", empty=True),
    step("ADD base"),
    step("ENV A=b", empty=True),
    step("WORKDIR /x", empty=True),
    step("RUN more"),
    step('CMD ["sh"]', empty=True),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def shelf() -> Shelf:
    """An image `a` with six steps and two layers."""
    shelf = Shelf()
    shelf.image("a", [BASE, MORE], history=STEPS)
    return shelf


def told(steps: list[Step]) -> list[tuple[int | None, str]]:
    """The ids and what made them."""
    return [(step.id, step.created_by) for step in steps]


ALL = [
    (None, 'CMD ["sh"]'),
    (2, "RUN more"),
    (None, "WORKDIR /x"),
    (None, "ENV A=b"),
    (1, "ADD base"),
    (None, "LABEL a=b"),
]


def test_steps_without_a_layer_stand_between_the_layers(
    store: Store, shelf: Shelf
) -> None:
    image = pulled(store, shelf, "a").id
    forest = store.read()
    found = history(store, forest, image)
    assert told(found) == ALL
    empty = [one for one in found if one.id is None]
    assert all((one.own.bytes, one.own.known) == (0, True) for one in empty)
    assert [one.files for one in empty] == [0] * 4
    # Each has below it what the layer before it has.
    assert [one.chain for one in empty[:2]] == [forest.chain(2), forest.chain(1)]
    assert empty[-1].chain == (0, True)


def test_a_lower_layer_has_no_config_and_only_its_own_step(
    store: Store, shelf: Shelf
) -> None:
    pulled(store, shelf, "a")
    assert told(history(store, store.read(), 1)) == [(1, "ADD base")]


def test_the_config_of_the_image_counts_not_that_of_an_image_below(
    store: Store, shelf: Shelf
) -> None:
    below = [step("ADD base"), step("CMD below", empty=True)]
    shelf.image("base", [BASE], history=below)
    base, image = (pulled(store, shelf, tag).id for tag in ("base", "a"))
    forest = store.read()
    assert forest.lineage(image) == [2, base]
    assert told(history(store, forest, base)) == [(None, "CMD below"), ALL[4]]
    assert told(history(store, forest, image)) == ALL


def test_another_config_of_the_same_layers_has_its_own_steps(
    store: Store, shelf: Shelf
) -> None:
    pulled(store, shelf, "a")
    steps = [step("ADD base"), step("RUN more"), step("ENV OTHER=1", empty=True)]
    shelf.image("b", [BASE, MORE], history=steps)
    image = pulled(store, shelf, "b").id
    assert told(history(store, store.read(), image)) == [
        (3, ""),
        (None, "ENV OTHER=1"),
        (2, "RUN more"),
        (1, "ADD base"),
    ]


def test_what_is_built_on_it_stands_above_its_steps(store: Store, shelf: Shelf) -> None:
    image = pulled(store, shelf, "a").id
    with workdir(store) as work, new_directory("data", work.lock):
        built = commit(store, image, work, "(x)", more={"command": ["x"]})
    found = history(store, store.read(), built)
    assert told(found) == [(built, ""), *ALL]
    assert found[0].command == ("x",)

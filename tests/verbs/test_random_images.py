"""Images of random layers show what a model, umoci and an overlay by hand show.

The draws are the same in each run, so that a failure is not a matter of luck.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests import trees
from tests.amount import THOROUGH
from tests.conftest import cannot
from tests.people import MapKind, Person
from tests.transfer.oci.images import Shelf
from tests.verbs.conftest import Run
from tests.verbs.layer_model import Entry, Layer, compared, rows_of, stacks


def drawn(examples: int) -> settings:
    """So many images, the same in each run."""
    return settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=200 if THOROUGH else examples,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


_number = itertools.count(1)


def shown_by(layers: list[Layer]) -> dict[str, Entry]:
    """What the model says of layers."""
    tree: dict[str, Entry] = {}
    for layer in layers:
        tree = layer.over(tree)
    return tree


def without_times_of_umoci(layers: list[Layer]) -> dict[str, Entry]:
    """What the model says, but for times that umoci sets otherwise.

    Where it makes a directory that no layer has, that above it gets the time of now.
    """
    tree = shown_by(layers)
    for count in range(len(layers)):
        for path, entry in shown_by(layers[: count + 1]).items():
            parent = path.rpartition("/")[0]
            if entry.time is None and parent in tree:
                tree[parent] = tree[parent]._replace(time=None)
    return tree


def layout_of(layers: list[Layer], place: Path) -> Path:
    """An OCI layout with an image `it` of layers."""
    shelf = Shelf()
    shelf.image("it", [layer.tar() for layer in layers])
    return shelf.layout(place, "it")


def by_overlay(store: Path, image: str, person: Person) -> trees.Tree:
    """What the kernel shows of the layers of an image, mounted by hand."""
    node = (store / "index" / image).resolve()
    chain = [one for one in (node, *node.parents) if one.name.isdigit()]
    lower = ":".join(str(one / "_data/root") for one in chain if one.name != "0")
    empty, mount = store.parent / "empty", store.parent / "mount"
    for path in (empty, mount):
        path.mkdir(exist_ok=True)
    program = person.program(trees.__file__, "look_at_tree.py")
    script = 'mount -t overlay -o "lowerdir=$1" it "$2" && exec python3 "$3" "$2"'
    words = ["unshare", "-m", "sh", "-ec", script, "-", f"{lower}:{empty}"]
    done = subprocess.run(
        [*words, str(mount), str(program)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return trees.read(done.stdout)


@drawn(12)
@given(layers=stacks())
def test_an_image_shows_what_its_layers_say(
    plashui: Run, person: Person, store: Path, playground: Path, layers: list[Layer]
) -> None:
    layout = layout_of(layers, playground / f"layout{next(_number)}")
    done = plashui("pull:file", layout)
    assert done.returncode == 0, done.stderr
    image = done.stdout.strip()
    tree = shown_by(layers)
    expected = rows_of(tree, owners=person.map != "single")
    assert compared(trees.look_into(person, store, image), tree) == expected
    if person.map == "root":
        assert compared(by_overlay(store, image, person), tree) == expected
    shutil.rmtree(layout)


@drawn(30)
@given(layers=stacks())
def test_the_model_says_what_umoci_unpacks(
    people: dict[MapKind, Person], tmp_path: Path, layers: list[Layer]
) -> None:
    if "root" not in people or not shutil.which("umoci"):
        cannot("umoci is not installed, or this is not root")
    number = next(_number)
    layout = layout_of(layers, tmp_path / f"layout{number}")
    place = tmp_path / f"umoci{number}"
    words = ["umoci", "unpack", "--image", f"{layout}:it", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    tree = without_times_of_umoci(layers)
    seen = trees.look(people["root"], place / "rootfs")
    assert compared(seen, tree) == rows_of(tree, owners=True)

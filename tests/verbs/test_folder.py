"""pull:folder and push:folder: an image as a folder, as d-utils has them."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from tests import trees
from tests.people import Person
from tests.registries import Registries
from tests.tools import images, leftovers, wait_for
from tests.verbs.conftest import Run
from tests.verbs.real_images import RealImages

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="session")
def shop(registries: Registries, real: RealImages) -> Registries:
    """Registries with an image that has whiteouts and owners, and a config."""
    registries.put(f"oci:{real.image('built')}", "library/folders:built")
    return registries


@pytest.fixture
def name(shop: Registries) -> str:
    """The name of that image."""
    return f"{shop.plain}/library/folders:built"


@pytest.fixture
def here(person: Person, playground: Path) -> Path:
    """A working directory of the person's own."""
    place = playground / "here"
    person.run(["mkdir", place], check=True)
    return place


def config_of(folder: Path) -> Any:
    """What is in its config.json."""
    return json.loads((folder / "config.json").read_text())


def look(person: Person, place: Path) -> trees.Tree:
    """All files of a directory, as root of the person's user namespace sees them."""
    found = trees.look(person, place)
    for row in found.values():
        row["attributes"].pop("user.overlay.opaque", None)
    return found

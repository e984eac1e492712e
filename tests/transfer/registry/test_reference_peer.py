"""Names are read as skopeo reads them, which does so by docker's own library."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Final

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry.reference import parse
from tests.amount import SEED
from tests.conftest import cannot
from tests.registries import empty_layout

PIECES: Final = (
    *("a", "b1", "library", "docker.io", "index.docker.io", "localhost", "x.io", "A"),
    *("/", "/", "/", ":", ":", ":5000", ".", "_", "__", "-", "--", "é", "latest"),
)


def names(count: int) -> list[str]:
    """Names that may be right."""
    chance = random.Random(SEED)
    found: set[str] = set()
    while len(found) < count:
        name = "".join(chance.choices(PIECES, k=chance.randint(1, 7)))
        # Since 2023 the library takes an upper-case first part for a host.
        if name.partition("/")[0] == name.partition("/")[0].lower():
            found.add(name)
    return sorted(found)


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OCI layout with an image."""
    if not (shutil.which("skopeo") and shutil.which("umoci")):
        cannot("skopeo or umoci is not installed")
    return empty_layout(tmp_path_factory.mktemp("peer") / "layout")


def of_skopeo(layout: Path, name: str) -> str | None:
    """The whole name as skopeo writes it into an archive; None if it refuses it."""
    archive = layout.parent / "archive.tar"
    archive.unlink(missing_ok=True)
    words = ["skopeo", "--insecure-policy", "copy", "-q", f"oci:{layout}:it"]
    words.append(f"docker-archive:{archive}:{name}")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        assert "reference" in done.stderr, done.stderr
        return None
    with tarfile.open(archive) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest
        (image,) = json.load(manifest)
    (found,) = image["RepoTags"]
    return str(found)


def ours(name: str) -> str | None:
    """The whole name as we read it; None if we refuse it."""
    try:
        return str(parse(name))
    except PlashError:
        return None


def test_any_name_is_read_as_skopeo_reads_it(layout: Path) -> None:
    valid = ("a", "a/b", "a_b/c--d", "localhost:5000/a", "host.example/a:1", "a:b.c")
    asked = (*names(60), *valid)
    found = {name: (ours(name), of_skopeo(layout, name)) for name in asked}
    assert {name: both for name, both in found.items() if both[0] != both[1]} == {}
    assert sum(both[0] is not None for both in found.values()) > 5

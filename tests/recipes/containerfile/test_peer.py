"""The same Containerfiles make the same trees and configs as with buildah."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.people import MapKind, Person
from tests.recipes.containerfile.peer import Peer
from tests.recipes.containerfile.peer_cases import CASES


@pytest.fixture(scope="session")
def peer(base: Path, people: dict[MapKind, Person], busybox_tar: Path) -> Peer:
    """A base image, for buildah and for us."""
    root = people.get("root") or next(iter(people.values()))
    return Peer(base / "peer", root, busybox_tar)


@pytest.mark.parametrize("name", CASES)
def test_the_same_file_makes_the_same_image(name: str, peer: Peer) -> None:
    ours, theirs = peer.ours(CASES[name]), peer.theirs(CASES[name])
    different = {
        path: (ours.files.get(path), theirs.files.get(path))
        for path in {*ours.files, *theirs.files}
        if ours.files.get(path) != theirs.files.get(path)
    }
    assert not different
    assert ours.config == theirs.config

"""The documents in the repository name files that are there."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.conftest import CHECKOUT

DOCUMENTS: Final = [
    *("README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"),
    *("plashui/README.md", "plashui/store/FORMAT.md"),
    *("helpers/README.md", "tests/README.md"),
]
_FILE: Final = re.compile(r"`([\w.-]+(?:/[\w.-]+)*\.(?:py|c|h|md|1))`")
_LINK: Final = re.compile(r"\]\(((?!https?:)[^)#]+\.(?:md|py|toml))\)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_file_that_a_document_names_is_there(document: str) -> None:
    here = (CHECKOUT / document).parent
    text = (CHECKOUT / document).read_text()
    missing = [name for name in _LINK.findall(text) if not (here / name).exists()]
    for name in _FILE.findall(text):
        if not ((here / name).exists() or (CHECKOUT / name).exists()):
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize("tree", ["plashui", "helpers", "tests"])
def test_each_room_is_in_the_drawing_of_its_tree(tree: str) -> None:
    text = (CHECKOUT / tree / "README.md").read_text()
    for room in (CHECKOUT / tree).iterdir():
        if any(room.glob("*.py")) or any(room.glob("*.c")):
            assert re.search(rf"\b{room.name}\b", text), room.name

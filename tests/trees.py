"""A tree with everything that is easily lost, and all there is to see of a tree.

Both are programs: only root of the person's user namespace may make and see it all.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.conftest import cannot
from tests.people import Person

Tree = dict[str, dict[str, Any]]


def make(person: Person, place: Path) -> Path:
    """The tree, made by root of the person's namespace."""
    busybox = shutil.which("busybox")
    if not busybox:
        cannot("busybox is not installed (Debian: busybox-static)")
    program = person.program(__file__, "make_tree.py")
    words = [person.bin / "plash", "sudo", "/usr/bin/python3", program]
    person.run([*words, place, person.map, busybox], check=True)
    return place


def look(person: Person, place: Path) -> Tree:
    """All there is to see of a tree. (A socket is nothing without its process.)"""
    program = person.program(__file__, "look_at_tree.py")
    words = [person.bin / "plash", "sudo", "/usr/bin/python3", program, place]
    return read(person.run(words, check=True).stdout)


def look_into(person: Person, store: Path, image: str) -> Tree:
    """The same of a merged image."""
    program = person.program(__file__, "look_at_tree.py")
    words = [person.bin / "plash", "mounted", image, "/usr/bin/python3", program]
    done = person.run([*words, "."], env={"PLASH_DATA": str(store)}, check=True)
    return read(done.stdout)


def read(text: str) -> Tree:
    found: Tree = json.loads(text)
    return found

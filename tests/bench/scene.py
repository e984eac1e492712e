"""What the benchmarks need: people, programs, a Debian root, gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import environment_for_all, helper
from tests.people import KINDS, Person, made_user, myself, remove_users_of_dead_runs


@dataclass(frozen=True)
class Scene:
    """A directory everybody may enter, and who and what is there.

    `debian` is the tar of a Debian root, None where mmdebstrap is missing.
    """

    place: Path
    people: tuple[Person, ...]
    debian: Path | None

    @property
    def person(self) -> Person:
        """Somebody, where it makes no difference: whoever runs this."""
        return self.people[0]

    def empty_layers(self, store: Path, count: int) -> None:
        """Make a store of empty layers, trees of ten, sizes counted."""
        plashui = self.person.bin / "plashui"
        env = {"PLASH_DATA": str(store)}
        self.person.run([plashui, "init"], env=env, check=True)
        place = {0: "layer/0"}
        for image in range(1, count + 1):
            parent = 0 if image % 10 == 1 else image - (image - 1) % 10
            if image % 10 in (2, 3, 7):
                parent = image - 1
            place[image] = f"{place[parent]}/{image}"
            (store / place[image] / "_data/root").mkdir(parents=True)
            (store / f"index/{image}").symlink_to(f"../{place[image]}")
        (store / "id_counter").write_bytes(b"." * count)
        self.person.run([plashui, "ls"], env=env, check=True)


def _debian(place: Path) -> Path | None:
    cache = os.environ.get("PLASHUI_TEST_CACHE")
    kept = Path(cache) / "debian-minbase.tar" if cache else None
    if kept and kept.is_file():
        return kept
    if not shutil.which("mmdebstrap"):
        return None
    path = place / "debian.tar"
    words = ["mmdebstrap", "--variant=minbase", "--format=tar", "bookworm", str(path)]
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode:
        return None
    path.chmod(0o644)
    return path


@contextmanager
def scene(*, debian: bool = True) -> Iterator[Scene]:
    """Set it, and clear all of it away."""
    place = Path(tempfile.mkdtemp(prefix="plashui-bench-"))
    place.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        if os.geteuid() == 0:
            bin_ = environment_for_all(place / "env").bin
            remove_users_of_dead_runs()
            people = [myself(place, bin_)]
            for kind in KINDS[1:]:
                people.append(stack.enter_context(made_user(kind, place, bin_)))
        else:
            people = [myself(place, helper().parent)]
        yield Scene(place, tuple(people), _debian(place) if debian else None)

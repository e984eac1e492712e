"""How long one executable file of a Debian image takes to start `true`.

From the copy in its cache, beside `plash run --isolate`; from the file itself by FUSE,
beside squashfuse_ll and bwrap. The latter needs /dev/fuse.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from tests.bench.pairs import compare_commands, row
from tests.bench.scene import scene
from tests.people import Person

RUNS: Final = 15


def measure(person: Person, place: Path, debian: Path) -> None:
    """Print the figures of one person."""
    env = {"PLASH_DATA": str(place / "store"), "XDG_CACHE_HOME": str(place / "cache")}
    plash = person.bin / "plash"
    app = place / "debian.app"
    image = person.run([plash, "pull:tarfile", debian], env=env, check=True).stdout
    person.run([plash, "push:app", image.strip(), app], env=env, check=True)
    by_cache = {**env, "PLASH_APP_WAY": "cache"}
    person.run([app, "true"], env=by_cache, check=True)
    isolated = [plash, "run", "--isolate", image.strip(), "true"]
    pair = compare_commands(person, [app, "true"], isolated, RUNS, by_cache)
    row(f"{person.map}: start from the cache", pair, "run --isolate", 1.0)
    peers = ("squashfuse_ll", "bwrap")
    if not os.access("/dev/fuse", os.W_OK) or not all(map(shutil.which, peers)):
        return
    offset = person.run([app, "--appimage-offset"], check=True).stdout.strip()
    program = person.program(__file__, "squashfuse.sh")
    by_hand = ["sh", program, app, offset, place / "mounted"]
    by_fuse = {**env, "PLASH_APP_WAY": "fuse"}
    pair = compare_commands(person, [app, "true"], by_hand, RUNS, by_fuse)
    row(f"{person.map}: first start, by FUSE", pair, "squashfuse_ll + bwrap", 0.7)


def main() -> None:
    """Measure as root, or as whoever runs this."""
    with scene() as here:
        if not here.debian:
            print("mmdebstrap is missing: there is no Debian to run")
            return
        place = here.place / "of-one-file"
        place.mkdir()
        measure(here.person, here.person.give(place), here.debian)


if __name__ == "__main__":
    main()

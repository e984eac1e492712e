"""How long the verbs that Python does take, on a store of two images.

The peers are the same Python doing nothing, and importing what most verbs do. All
three run turn by turn. Words choose verbs.
"""

from __future__ import annotations

import http.server
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.bench.pairs import turn_by_turn
from tests.bench.scene import scene
from tests.people import Person

GOAL: Final = 2.5
RUNS: Final = 15
LINES: Final = (
    *("version", "help", "completion bash", "completion --words note", "ls"),
    *("ls --json", "show box", "history box", "df", "ps", "diff box", "trash", "pin"),
    *("pin box", "note box", "note box text", "config", "clean", "shrink --dry-run"),
    *("squash --dry-run box", "squash box", "rm --trash leaf"),
    *("push:tarfile box out.tar", "push:tarfile box out.tar.gz", "push:dir box out"),
    *("pull:tarfile root.tar", "pull:tarfile root.tar.gz", "pull:dir root"),
    *("pull:url FILE/root.tar", "pull:url HTTP/root.tar"),
)
BEFORE: Final = {
    "rm --trash leaf": "plash map --force leaf $(plash build box touch /three)",
    "push:dir box out": "plash sudo rm -rf out",
}
"""What makes ready for a line, not timed."""


def measure(person: Person, place: Path, line: str, http: str) -> str:
    """The least and the median of a line, in milliseconds and over both peers."""
    python = [person.bin / "python3", "-I", "-c"]
    words = line.replace("FILE", f"file://{place}").replace("HTTP", http).split()
    commands = (
        [person.bin / "plashui", *words],
        [*python, "pass"],
        [*python, "import argparse, json"],
    )
    env, before = {"PLASH_DATA": str(place / "store")}, BEFORE.get(line, "")
    times = turn_by_turn(person, commands, RUNS, env, before=before, cwd=place)
    cells = [f"{line:<30}"]
    least, median = map(min, times), map(statistics.median, times)
    for ours, bare, importing in (least, median):
        cells.append(f"{ours * 1e3:8.1f} {ours / bare:6.2f} {ours / importing:6.2f}")
    return "".join(cells)


@contextmanager
def served(place: Path) -> Iterator[str]:
    """The address of a web server of the files in a directory."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_words: Any) -> None:
            pass

    handler = partial(Silent, directory=str(place))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main() -> None:
    """Time what the words name, or all; as whoever runs this."""
    with scene(debian=False) as here, served(here.place) as address:
        person = here.person
        place = person.give(here.place)
        env = {"PLASH_DATA": str(place / "store")}
        program = person.program(__file__, "prepare_starting.sh")
        person.run(["sh", program], cwd=place, env=env, check=True)
        print(f"{'':<30}   least  /pass  /json  median  /pass  /json  (goal {GOAL})")
        for line in LINES:
            if not sys.argv[1:] or line.split()[0] in sys.argv[1:]:
                print(measure(person, place, line, address), flush=True)


if __name__ == "__main__":
    main()

"""The app against an empty Textual app: first paint, keys, idle CPU, memory.

A plain script: `python tests/bench/bench_app.py [IMAGES [RUNS]]`. Both programs are
started in a pseudo-terminal, by turns; the clock runs from exec until their first real
content is on the terminal. A key's time is that to the first byte of the answer; while
jobs draw and sizes arrive, that until the cursor is seen on the next row. The store is
made of empty layers in a temporary directory. Without arguments: 10,000 and 100,000.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Final

from textual.color import Color

from plashui.ui.platform.palette import variables
from plashui.ui.platform.theme import DUSK

ROOT: Final = Path(__file__).parents[2]


def _cursor_background() -> str:
    given = {**DUSK.to_color_system().generate(), **DUSK.variables}
    colour = Color.parse(variables(given, dark=True)["block-cursor-background"])
    return ";".join(map(str, colour.rgb))


CURSOR: Final = re.compile(rf"48;2;{_cursor_background()}m *([0-9]+) \x1b".encode())
"""The id in a line with the cursor on it: no other has that background."""
PAGE_DOWN: Final = b"\x1b[6~"


def make_store(path: Path, images: int, fan: int = 10, tops: int = 10) -> None:
    """A store of empty layers: `tops` on the ground, `fan` on each, named every 7th."""
    for name in ("index", "map", "tmp", "mnt", "layer/0/_data/root"):
        (path / name).mkdir(parents=True)
    (path / "index/0").symlink_to("../layer/0")
    where = {0: "layer/0"}
    for image in range(1, images + 1):
        parent = 0 if image <= tops else (image - tops - 1) // fan + 1
        where[image] = f"{where[parent]}/{image}"
        (path / where[image] / "_data/root").mkdir(parents=True)
        (path / f"index/{image}").symlink_to(f"../{where[image]}")
        if image % 7 == 0:
            (path / f"map/image-{image}").symlink_to(f"../{where[image]}")
    (path / "id_counter").write_bytes(b"." * images)


class Program:
    """A program on a terminal of its own, 120x32."""

    def __init__(self, argv: list[str], environment: dict[str, str]) -> None:
        """Start it."""
        self.began = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 32, 120, 0, 0))
            os.execve(argv[0], argv, environment)  # noqa: S606
        self.seen = b""

    def until(self, marker: bytes, seconds: float = 20) -> float:
        """Seconds from the start until the marker is on the terminal."""
        end = time.perf_counter() + seconds
        while marker not in self.seen:
            if not self._read(end - time.perf_counter()):
                raise SystemExit(
                    f"no {marker!r} within {seconds} s: {self.seen[-2000:]!r}"
                )
        return time.perf_counter() - self.began

    def quiet(self, seconds: float) -> None:
        """Read until nothing came for so long."""
        while self._read(seconds):
            pass

    def answer(self, key: bytes) -> float:
        """Seconds from a key to the first byte of what it draws."""
        began = time.perf_counter()
        os.write(self.terminal, key)
        self._read(2.0)
        first = time.perf_counter() - began
        self.quiet(0.05)
        return first

    def moved(self, key: bytes) -> float:
        """Seconds from a key until the cursor is on another row."""
        self.pause(0.03)
        before = self._cursor()
        began = time.perf_counter()
        os.write(self.terminal, key)
        while self._cursor() == before:
            self._read(0.1)
            if time.perf_counter() - began > 5.0:
                raise SystemExit(f"{key!r} moved nothing: {self.seen[-2000:]!r}")
        return time.perf_counter() - began

    def _cursor(self) -> bytes:
        """The id in the line drawn last with the cursor's background."""
        found: list[bytes] = CURSOR.findall(self.seen)
        return found[-1] if found else b""

    def settle(self, seconds: float = 60) -> None:
        """Read until all is done that a start brings: it takes no more CPU."""
        end = time.perf_counter() + seconds
        spent, still = -1.0, 0
        while still < 3 and time.perf_counter() < end:
            self.pause(0.5)
            now = self.cpu()
            still = still + 1 if now - spent < 0.02 else 0
            spent = now

    def pause(self, seconds: float) -> None:
        """Read for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def memory(self, field: str) -> float:
        """What it uses, in MB: `VmRSS` now, `VmHWM` the most there was."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(field))
        return int(line.split()[1]) / 1024

    def cpu(self) -> float:
        """CPU seconds used so far, without children."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """Kill it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def _read(self, seconds: float) -> bool:
        if not select.select([self.terminal], [], [], max(0.0, seconds))[0]:
            return False
        try:
            piece = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.seen = (self.seen + piece)[-100_000:]
        return bool(piece)


def environment(**more: str) -> dict[str, str]:
    """A terminal with colours, and this source tree."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "PLASHUI_HELPER")}
    return {
        **kept,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def main(images: int = 10_000, runs: int = 15) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        store = home / "store"
        make_store(store, images)
        ours = [sys.executable, "-m", "plashui"]
        theirs = [sys.executable, str(ROOT / "tests/bench/programs/empty_app.py")]
        places = environment(PLASH_DATA=str(store), HOME=directory)
        print(f"== {images:,} images")
        most = counting(ours, places)
        print(f"memory at most, while all is counted: {most:.0f} MB (to reach: 150)")
        first_paint(ours, theirs, places, runs)
        keys_and_idle(ours, places, theirs)
        busy_keys([sys.executable, "-m", "tests.bench.busy"], places)


def counting(argv: list[str], places: dict[str, str]) -> float:
    """The most memory of the first start ever, in which all is counted."""
    program = Program(argv, places)
    program.until("▸".encode())
    program.settle()
    most = program.memory("VmHWM")
    program.end()
    return most


def first_paint(
    ours: list[str], theirs: list[str], places: dict[str, str], runs: int
) -> None:
    """Ours and that of an empty app, by turns."""
    paints: dict[str, list[float]] = {"ours": [], "empty": []}
    for _ in range(runs + 1):
        for name, argv, marker in (
            ("ours", ours, "▸".encode()),
            ("empty", theirs, b"empty-app"),
        ):
            program = Program(argv, places)
            paints[name].append(program.until(marker))
            program.quiet(0.05)
            program.end()
    mine, peer = (statistics.median(paints[n][1:]) for n in ("ours", "empty"))
    print(f"first paint: {mine * 1000:.0f} ms, empty Textual app: {peer * 1000:.0f} ms")
    print(f"ratio: {mine / peer:.2f} (to reach: 1.30)")


def keys_and_idle(ours: list[str], places: dict[str, str], theirs: list[str]) -> None:
    """Page-down on a tree with everything open, and CPU use with nothing to do."""
    program = Program(ours, places)
    program.until("▸".encode())
    program.settle()
    program.answer(b"*")
    program.quiet(1.0)
    before = program.cpu()
    pages = sorted(program.answer(PAGE_DOWN) for _ in range(30))
    spent = (program.cpu() - before) / 30
    print(
        f"page-down: median {statistics.median(pages) * 1000:.0f} ms, "
        f"worst {pages[-1] * 1000:.0f} ms, CPU {spent * 1000:.0f} ms"
    )
    for name, key in (
        *(("sort", b"s"), ("by name", b"n"), ("filter", b"/"), ("its words", b">1 9")),
        *(("back", b"\x1b"), ("list", b"v"), ("map", b"M")),
    ):
        worst = max(program.answer(key[at : at + 1]) for at in range(len(key)))
        print(f"{name}: {worst * 1000:.0f} ms")
        program.quiet(0.3)
    print(f"memory: {program.memory('VmRSS'):.0f} MB (to reach: 150)")
    for name, one in (("ours", program), ("empty", Program(theirs, places))):
        one.quiet(2.0)
        before = one.cpu()
        one.quiet(10.0)
        print(f"idle CPU over 10 s, {name}: {(one.cpu() - before) * 10:.2f} %")
        one.end()


def busy_keys(argv: list[str], places: dict[str, str]) -> None:
    """From a key to the cursor on the next row, while jobs report and sizes arrive."""
    program = Program(argv, places)
    program.until(b"job 2")
    program.pause(5.0)
    ways = (("tree, by id", b""), ("all open, by own", b"*ss"), ("list", b"v"))
    for what, keys in ways:
        for at in range(len(keys)):
            program.answer(keys[at : at + 1])
            program.pause(0.5)
        moves = b"jjjkkk" * 7
        times = sorted(program.moved(moves[at : at + 1]) for at in range(len(moves)))
        print(
            f"a key while busy, {what}: median {statistics.median(times) * 1000:.0f} ms"
            f" (to reach: 50), worst {times[-1] * 1000:.0f} ms (150)"
        )
    print(f"memory while busy: {program.memory('VmRSS'):.0f} MB")
    program.end()


if __name__ == "__main__":
    if sys.argv[1:]:
        main(*map(int, sys.argv[1:]))
    else:
        main()
        main(100_000, 5)

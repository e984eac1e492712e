"""Two commands timed turn by turn, so that a noisy machine is noisy for both."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Action = Callable[[], None]


class Pair(NamedTuple):
    """Medians in seconds of ours and the peer's, and the median ratio of the pairs."""

    ours: float
    peer: float
    ratio: float


def compare(
    ours: Action, peer: Action, runs: int, before: Action = lambda: None
) -> Pair:
    """Run both in turn; `before` (not timed) makes ready for each run of either."""
    mine: list[float] = []
    theirs: list[float] = []
    for turn in range(runs + 1):
        for action, times in ((ours, mine), (peer, theirs)):
            before()
            start = time.perf_counter()
            action()
            if turn:  # the first turn warms up
                times.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    return Pair(statistics.median(mine), statistics.median(theirs), ratio)


def row(name: str, pair: Pair, peer: str, goal: float) -> None:
    """Print one figure with its peer and the ratio to reach."""
    print(
        f"{name:<44} {pair.ours * 1e3:9.1f} ms  {peer:<34} {pair.peer * 1e3:9.1f} ms"
        f"  ratio {pair.ratio:5.2f}  (goal <= {goal})",
        flush=True,
    )


def command(argv: Sequence[object], env: Mapping[str, str] | None = None) -> Action:
    """The action of running a command, its output thrown away; it must succeed."""
    words = [str(word) for word in argv]

    def run() -> None:
        subprocess.run(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )

    return run

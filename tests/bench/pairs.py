"""Two commands timed turn by turn, so that a noisy machine is noisy for both."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.people import Person

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
    return _pair(mine, theirs)


def _pair(mine: Sequence[float], theirs: Sequence[float]) -> Pair:
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    return Pair(statistics.median(mine), statistics.median(theirs), ratio)


def compare_commands(
    person: Person,
    ours: Sequence[object],
    peer: Sequence[object],
    runs: int,
    env: Mapping[str, str],
    before: str = "",
) -> Pair:
    """Run two short commands of a person's in turn, after the script `before`."""
    mine, theirs = turn_by_turn(person, (ours, peer), runs, env, before=before)
    return _pair(mine, theirs)


def turn_by_turn(
    person: Person,
    commands: Sequence[Sequence[object]],
    runs: int,
    env: Mapping[str, str],
    *,
    before: str = "",
    cwd: Path | None = None,
) -> list[list[float]]:
    """The seconds that each run of each short command takes.

    `before` is a script that makes ready for a turn; it is not timed.
    """
    told = json.dumps([[str(word) for word in words] for words in commands])
    program = person.program(__file__, "clock.py")
    words = ["/usr/bin/python3", "-I", program, told, str(runs), before]
    done = person.run(words, env=env, cwd=cwd, check=True)
    times: list[list[float]] = json.loads(done.stdout)
    return times


def row(name: str, pair: Pair, peer: str, goal: float | None = None) -> None:
    """Print one figure with its peer and the ratio to reach, if there is one."""
    wanted = "no goal" if goal is None else f"goal <= {goal}"
    print(
        f"{name:<34} {pair.ours * 1e3:9.1f} ms  {peer:<27} {pair.peer * 1e3:9.1f} ms"
        f"  ratio {pair.ratio:5.2f}  ({wanted})",
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

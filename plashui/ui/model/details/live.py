"""What runs in an image takes of the machine, and how that went: plain values."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from plashui.base.units import plural, size
from plashui.processes.ps import Running
from plashui.ui.model.text.lines import Line
from plashui.ui.model.text.thin_bars import spark

PERIOD: Final = 1.5
"""Seconds between two looks, while somebody sees it."""

POINTS: Final = 8
"""Looks that a sparkline shows."""

LEAST: Final = 4
"""Looks for which there has to be room."""

CALM: Final = 20.0
"""Percent of a processor that fill a sparkline; more scale it."""

Who = tuple[int, int]
"""A process for good: its number and its birth."""


class Look(NamedTuple):
    """The processes of an image at a time (seconds of the monotonic clock)."""

    at: float
    found: Sequence[Running]


def shares(before: Look | None, now: Look) -> Mapping[Who, float]:
    """Return the CPU share of each process in percent since the last look.

    For new processes, since their start.
    """
    last = {} if before is None else {who(one): one.cpu for one in before.found}
    seconds = now.at - before.at if before is not None else 0.0
    found = {}
    for one in now.found:
        old = last.get(who(one))
        since = old is not None and seconds > 0.1
        share = 100 * (one.cpu - (old or 0.0)) / seconds if since else one.percent
        found[who(one)] = max(0.0, share)
    return found


def who(one: Running) -> Who:
    """Return which process this is."""
    return one.pid or 0, one.birth


class Use(NamedTuple):
    """What the processes of an image take together: percent of a processor, bytes.

    The sparklines show how that went, the last look at the end.
    """

    processes: int
    cpu: float
    memory: int
    cpu_line: str = ""
    memory_line: str = ""


class Course:
    """The looks at the processes of an image, one after the other."""

    def __init__(self) -> None:
        """Start without a look."""
        self.last: Look | None = None
        self.shares: Mapping[Who, float] = {}
        self._cpu: deque[float] = deque(maxlen=POINTS)
        self._memory: deque[float] = deque(maxlen=POINTS)
        self._each: dict[Who, deque[float]] = {}

    def take(self, look: Look) -> None:
        """Take the newest look."""
        self.shares = shares(self.last, look)
        self.last = look
        self._cpu.append(sum(self.shares.values()))
        self._memory.append(sum(one.memory for one in look.found))
        before = self._each
        self._each = {}
        for one, share in self.shares.items():
            self._each[one] = before.get(one, deque(maxlen=POINTS))
            self._each[one].append(share)

    def use(self) -> Use | None:
        """Return what is taken now; None without processes."""
        live = [] if self.last is None else [one for one in self.last.found if one.pid]
        if not live:
            return None
        return Use(
            len(live),
            self._cpu[-1],
            int(self._memory[-1]),
            spark(self._cpu, CALM),
            spark(self._memory),
        )

    def line_of(self, one: Running) -> str:
        """Return the sparkline of the CPU that one process took."""
        return spark(self._each.get(who(one), ()), CALM)


def use_line(use: Use | None, width: int) -> Line:
    """Format what an image in use takes, in `width` cells."""
    if use is None:
        return ()
    count, cpu = plural(use.processes, "proc"), f"{use.cpu:.0f} %"
    memory = size(use.memory)
    both = f"  {count} · {cpu} {use.cpu_line} · {memory} {use.memory_line}"
    if len(both) <= width:
        return (
            (f"  {count} · {cpu} ", ""),
            (use.cpu_line, "busy"),
            (f" · {memory} ", ""),
            (use.memory_line, "hue2"),
        )
    words = f"  {count} · {cpu} · {memory} "
    room = width - len(words)
    if room < LEAST:
        return ((words.rstrip(), ""),)
    line = use.cpu_line[-room:]
    return ((words, ""), (" " * (room - len(line)), ""), (line, "busy"))

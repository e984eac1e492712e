"""ps: the processes in images."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from plashui.base.terminal_text import clean
from plashui.base.units import age, size
from plashui.processes.ps import Running, running
from plashui.verbs.shared.arguments import only_json
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json, say


def run(words: list[str]) -> int:
    """Print the processes in images, and mounts that all processes see."""
    as_json = only_json("ps", words)
    place = store()
    found = running(place)
    names = place.names()
    if as_json:
        print_json(
            [{**one._asdict(), "names": names.get(one.image, [])} for one in found]
        )
    elif found:
        out("\n".join(_lines(found, names)))
    else:
        say("nothing runs in any image")
    return 0


def _lines(found: Sequence[Running], names: Mapping[int, Sequence[str]]) -> list[str]:
    now = time.time()
    images = [
        clean(" ".join([str(one.image), *names.get(one.image, [])])) for one in found
    ]
    users = [clean(one.user) for one in found]
    wide, broad = max(5, *map(len, images)), max(4, *map(len, users))
    lines = [
        f"{'PID':>7}  {'IMAGE':<{wide}}  {'USER':<{broad}}  {'HOW':<8}"
        f"  {'CPU':>5}  {'MEMORY':>8}  {'SINCE':>6}  COMMAND"
    ]
    for one, image, user in zip(found, images, users, strict=True):
        there = one.pid is not None
        facts = (
            str(one.pid) if there else "-",
            f"{one.percent:.0f} %" if there else "",
            size(one.memory) if there else "",
            age(now - one.started) if there else "",
        )
        pid, percent, memory, since = facts
        lines.append(
            f"{pid:>7}  {image:<{wide}}  {user:<{broad}}  {one.how:<8}"
            f"  {percent:>5}  {memory:>8}  {since:>6}  {clean(one.command)}"
        )
    return lines

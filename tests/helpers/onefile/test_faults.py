"""Whatever system call of an app's start fails, or is its last: nothing is left of it.

See tests/helpers/test_faults.py and test_kills.py, which do the same to each verb.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.amount import THOROUGH, WHOLE
from tests.helpers.faulting import NONE, Fault, Faulting, errors, kills, spread
from tests.helpers.onefile.conftest import App, Shelf
from tests.helpers.onefile.test_starts import has_fuse, hidden, living
from tests.tools import wait_for

SAMPLE = 24 if WHOLE else 6
REMOVING = ("unlinkat", "rmdir", "getdents64", "openat", "renameat2", "fcntl")
"""Where one of these fails, what an app was given for its output may stay."""
WAYS = {
    "fuse": [],
    "cache": [],
    "cached": ["-o", "got"],
    "memory": ["-o", "got"],
    "chroot": [],
}
"""Ways to start, and the words before the command; `cached` finds its copy."""
FOR = {"root": [*WAYS], "full": ["cache"], "single": ["memory"]}
"""Who starts which way: what differs between people is tested elsewhere."""
SAYS = ("sh", "-c", "cat /etc/group; [ ! -d /out ] || echo x >/out/x")


class Start:
    """An app that is started again and again."""

    def __init__(self, shelf: Shelf, way: str) -> None:
        """Make it."""
        lines = [] if way == "chroot" else ["Arg=-o:output"]
        self.way = way
        self.app: App = shelf.app(*lines, way="cache" if way == "cached" else way)
        self.place = shelf.place
        if way == "fuse" and not has_fuse(self.app):
            pytest.skip("nobody but root may open /dev/fuse here")
        if way not in FOR[shelf.person.map]:
            pytest.skip("the others have it")
        if way == "cached":
            self.app("true", check=True)

    def fresh(self) -> None:
        """As if it were the first time, but for `cached`."""
        if self.way != "cached":
            self.sudo("rm", "-rf", self.place / "cache")
        self.sudo("rm", "-rf", self.place / "got")

    def sudo(self, *words: object) -> None:
        """As root of the person's namespace, where a copy may belong to others."""
        person = self.app.person
        line = (
            [*words] if person.map == "root" else [person.bin / "plash", "sudo", *words]
        )
        person.run(line, check=True)

    def leftovers(self) -> list[str]:
        """What should not be there when nothing runs."""
        half = [x for x in self.app.copies() if ".new" in x or "-chroot-" in x]
        return half + hidden(self.place)

    def trouble(self, fault: Fault, faulting: Faulting) -> Iterator[str]:
        """What is wrong after it met the fault."""
        self.fresh()
        words = [self.app.path, *WAYS[self.way], *SAYS]
        environment = {**self.app.environment(), "PLASH_DEBUG": ""}
        done = faulting.traced(self.app.person, words, environment, self.place, fault)
        lines = [x for x in done.stderr.splitlines() if not x.startswith("plash: ")]
        said = f"status {done.returncode}, {done.stdout!r}, {done.stderr!r}"
        if done.stderr == "it hangs":
            yield said
        wait_for(lambda: not living(self.app), "the end of all")
        if fault.error is None:
            if len(lines) > 1:
                yield f"killed, {said}"
        elif done.returncode == 0:
            if lines or done.stdout != "root:x:0:\n":
                yield f"a wrong result: {said}"
        elif self.way != "fuse" and not any("plash error" in x for x in lines):
            yield f"no error: {said}"
        if fault.name not in REMOVING or fault.error is None:
            yield from (f"left: {x}" for x in hidden(self.place))
        for name in hidden(self.place):
            self.sudo("rm", "-rf", self.place / name)
        if self.leftovers():
            self.app(*SAYS, check=True)  # the next start removes it
            wait_for(lambda: not living(self.app), "the end of all")
            yield from (f"still left: {x}" for x in self.leftovers())


def check(shelf: Shelf, way: str, faulting: Faulting, *, kill: bool) -> None:
    """Each fault of a sample; all that is wrong is said at once."""
    start = Start(shelf, way)
    assert [*start.trouble(NONE, faulting)] == []
    calls = faulting.calls()
    assert calls.total() > 100  # else it was not traced
    faults = [*(kills if kill else errors)(calls)]
    if not THOROUGH:
        faults = spread(faults, SAMPLE)[:: 1 if way in ("fuse", "cache") else 3]
    found = [
        f"{one}: {what}" for one in faults for what in start.trouble(one, faulting)
    ]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("way", WAYS)
def test_whatever_fails_it_says_so_and_leaves_nothing(
    shelf: Shelf, faulting: Faulting, way: str
) -> None:
    check(shelf, way, faulting, kill=False)


@pytest.mark.parametrize("way", WAYS)
def test_wherever_it_is_killed_nothing_is_left(
    shelf: Shelf, faulting: Faulting, way: str
) -> None:
    check(shelf, way, faulting, kill=True)

"""Small archives of anything, drawn by chance."""

from __future__ import annotations

from random import Random

from tests.helpers.tar import archives as a

NAMES = (b"a", b"b", b"c", b"d", b"a/b", b"a/c", b"b/c", b"a/b/c", b"b/c/d", b"c/d")

INWARD_LINKS = (b"a", b"none", b"b/c")
LINKS = (*INWARD_LINKS, b"..", b"/b")


def random_name(chance: Random) -> bytes:
    """One of few names, so that they meet; in one of the ways to write it."""
    name = chance.choice(NAMES)
    return chance.choice((b"", b"", b"", b"./", b"/", b".//")) + name


def random_member(chance: Random, layer: bool, inward: bool) -> bytes:
    """A member of any kind."""
    name, facts = random_name(chance), random_facts(chance)
    kind = chance.choice(("file", "file", "directory", "symlink", "hard", "fifo"))
    if kind == "hard":
        return a.hard_link(name, random_name(chance))
    if kind == "symlink":
        targets = INWARD_LINKS if inward else LINKS
        return a.symlink(name, chance.choice(targets))
    if kind == "fifo":
        return a.header(name, b"6", **facts)  # type: ignore[arg-type]
    if kind == "directory":
        return a.directory(name, **facts)
    content = chance.randbytes(chance.choice((0, 1, 511, 512, 513, 3000)))
    if layer and chance.random() < 0.3:
        place, _slash, last = name.rpartition(b"/")
        name = place + _slash + chance.choice((b".wh." + last, b".wh..wh..opq"))
    way = chance.random()
    if way < 0.2:
        return a.pax({b"path": name, b"mtime": b"%.9f" % (chance.random() * 1e9)}) + (
            a.file(b"cut", content, **facts)
        )
    if way < 0.4:
        return a.long_name(name) + a.file(b"cut", content, **facts)
    return a.file(name, content, **facts)


def random_facts(chance: Random) -> dict[str, object]:
    """Mode and time."""
    modes = (0o644, 0o600, 0o755, 0o4755, 0o2711, 0o1777, 0o400, 0o000, 0o555)
    return {"mode": chance.choice(modes), "mtime": chance.randrange(1, 2**31)}


def random_tar(chance: Random, *, layer: bool = True, inward: bool = False) -> bytes:
    """An archive of some members; `inward`: without links that could lead outside."""
    count = chance.randrange(1, 12)
    return a.whole(*(random_member(chance, layer, inward) for _n in range(count)))

"""Layers in an overlay show what a few lines of Python say of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.amount import SEED, THOROUGH, WHOLE
from tests.helpers.tar import archives as a
from tests.helpers.tar.conftest import Unpacked, Unpacker

NAMES = ("a", "b", "a/b", "a/c", "b/c", "a/b/c", "a/b/d", "b/c/d")


@dataclass(frozen=True)
class Thing:
    """A file or directory."""

    kind: str
    mode: int
    time: int | None
    """None: not known, that of a directory that no layer has itself."""
    content: str = ""


NEW = Thing("directory", 0o755, None)
Tree = dict[str, Thing]


@dataclass
class Layer:
    """What a layer has itself, what it implies, and what it removes."""

    members: list[bytes] = field(default_factory=list)
    has: Tree = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)

    def over(self, below: Tree) -> Tree:
        """The layer on top of what was."""
        files = {n for n, t in self.has.items() if t.kind != "directory"}
        gone = self.gone | files
        shown = {
            name: thing
            for name, thing in below.items()
            if not any(name == one or name.startswith(f"{one}/") for one in gone)
            and not any(name.startswith(f"{one}/") for one in self.emptied)
        }
        # What is to be removed below a file of the layer implies nothing.
        within = {n for n in self.parents if not files.isdisjoint(above(n) | {n})}
        for name in sorted(self.parents - self.has.keys() - within):
            was = shown.get(name)
            shown[name] = was if was and was.kind == "directory" else NEW
        for name, thing in self.has.items():
            shown[name] = thing
        for name, thing in below.items():  # what lay in a file's place is not there
            at = name
            while "/" in at:
                at = at.rpartition("/")[0]
                if at in shown and below.get(at, thing).kind != "directory":
                    shown.pop(name, None)
        return shown


def above(name: str) -> set[str]:
    """The directories that a name is in."""
    parts = name.split("/")
    return {"/".join(parts[:n]) for n in range(1, len(parts))}


def random_layer(chance: random.Random) -> Layer:
    """Some members, none twice."""
    layer = Layer()
    for name in chance.sample(NAMES, chance.randrange(1, 6)):
        mode, time = chance.choice((0o755, 0o700, 0o1777)), chance.randrange(10**9)
        what = chance.choice(("file", "file", "directory", "gone", "emptied", "fifo"))
        facts = {"mode": mode, "mtime": time}
        place, slash, last = name.rpartition("/")
        layer.parents |= above(name)
        if what == "gone":
            layer.members.append(a.file(f"{place}{slash}.wh.{last}".encode()))
            layer.gone.add(name)
            continue
        if what == "emptied":
            layer.members.append(a.file(f"{name}/.wh..wh..opq".encode()))
            layer.parents.add(name)
            layer.emptied.add(name)
            continue
        if what == "file":
            content = str(chance.random())
            member = a.file(name.encode(), content.encode(), **facts)
            layer.has[name] = Thing(what, mode, time, content)
        else:
            kind = b"5" if what == "directory" else b"6"
            member = a.header(name.encode(), kind, **facts)  # type: ignore[arg-type]
            layer.has[name] = Thing(what, mode, time)
        layer.members.append(member)
    chance.shuffle(layer.members)
    return layer


def unpacked(unpack: Unpacker, layer: Layer) -> Unpacked | None:
    """None: the layer contradicts itself."""
    done = unpack(a.whole(*layer.members), layer=True)
    if done.done.returncode or not done.counts["recipe"]:
        return None
    return done


SHOW = 'find . ! -name . -exec stat -c "%n %a %Y %F" {} + | sort'
READ = 'find . -type f -exec sh -c \'echo "$1 $(cat "$1")"\' - {} ";"'


def shown(unpack: Unpacker, image: str, tree: Tree) -> Tree:
    """What the image shows; times that nobody knows are left out."""
    words = ["mounted", image, "sh", "-c", f"{SHOW}; echo; {READ}"]
    facts, _empty, contents = unpack.plash(*words, check=True).stdout.partition("\n\n")
    if facts.startswith("\n"):
        facts = ""
    content = dict(line.split(" ", 1) for line in contents.splitlines() if line)
    found: Tree = {}
    for line in facts.splitlines():
        if not line:
            continue
        place, mode, time, kind = line.split(" ", 3)
        name = place.removeprefix("./")
        kind = {"regular file": "file", "regular empty file": "file"}.get(kind, kind)
        known = tree.get(name, NEW).time is not None
        found[name] = Thing(
            kind, int(mode, 8), int(time) if known else None, content.get(place, "")
        )
    return found


def test_random_layers(unpack: Unpacker) -> None:
    chance = random.Random(SEED)
    rounds = 100 if THOROUGH else 25 if WHOLE else 6
    while rounds:
        tree: Tree = {}
        image, told = "0", []
        for _number in range(3):
            layer = random_layer(chance)
            done = unpacked(unpack, layer)
            if done is None:
                continue
            image = unpack.commit(done, image)
            tree = layer.over(tree)
            told.append(layer)
        if image == "0":
            continue
        assert shown(unpack, image, tree) == tree, (SEED, told)
        rounds -= 1


def test_removals_within_what_is_removed_come_in_either_order(
    unpack: Unpacker,
) -> None:
    below = a.whole(a.file(b"a/b/c", b"old"), a.file(b"a/d", b"old"))
    removals = [a.file(b".wh.a"), a.file(b"a/b/.wh.c")]
    for members in (removals, removals[::-1]):
        image = unpack.commit(unpack(below, layer=True), "0")
        image = unpack.commit(unpack(a.whole(*members), layer=True), image)
        tree = shown(unpack, image, {})
        assert tree == {"a": NEW, "a/b": NEW}

"""Copying files into an image: what a Copy step puts where, and of what its key is."""

from __future__ import annotations

import contextlib
import hashlib
import os
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.base.terminal_text import clean
from plashui.helper.unpack import Wording, unpack
from plashui.image.links import follow
from plashui.image.mounted_image import open_image
from plashui.model.forest import EMPTY_IMAGE
from plashui.operations.build import commit
from plashui.recipes.context import tree as trees
from plashui.recipes.context.accounts import owner
from plashui.recipes.context.archive import is_archive, put_archive
from plashui.recipes.context.chosen import Chosen, choose, digest, within
from plashui.recipes.context.layer import LayerTar, Wanted
from plashui.recipes.context.patterns import Ignored, PatternError
from plashui.recipes.context.sources import Opened, opened_directory, word_in_tree
from plashui.recipes.plan import (
    Context,
    Git,
    OfImage,
    OfStage,
    Part,
    Source,
    Text,
    Web,
)
from plashui.store.metadata import META
from plashui.store.workdir import workdir
from plashui.transfer.imports.tarball import empty_layer

if TYPE_CHECKING:
    from typing import IO, Any, Final

    from plashui.recipes.context.tree import Tree
    from plashui.recipes.plan import Copy
    from plashui.store.store import Store

_FILE: Final = "the file "


def parts(
    store: Store, step: Copy, keys: Mapping[Source, str], *, fetch: bool = True
) -> tuple[Part, ...]:
    """Return that of which the key of a step is made: its words, and its files.

    Each file of the context is a part, with its content, name and mode. `keys` has the
    key of each stage and image that it copies from. A file of the web is fetched,
    unless its checksum is given, or known from its server: see web.digest_of.
    """
    mode = f"{step.mode:o}" if isinstance(step.mode, int) else step.mode or ""
    words = [
        ("the target", step.target),
        ("the owner", step.owner),
        ("the mode", mode),
        ("whether archives are unpacked", f"{step.unpack} {step.unpack_web}"),
        ("whether directories above are kept", str(step.parents)),
        ("what is excluded", "\0".join(step.excluded)),
    ]
    found = [Part(what, value, clear=True) for what, value in words]
    with step_errors(step), contextlib.ExitStack() as stack:
        for source, word in step.sources:
            if isinstance(source, Web):
                found += _web_parts(store, source, fetch)
            else:
                found += _source_parts(step, source, word, keys, stack)
    return tuple(found)


@contextlib.contextmanager
def step_errors(step: Copy) -> Iterator[None]:
    """Let errors of the block begin with the place of the step."""
    try:
        yield
    except PlashError as error:
        place = str(step.at)
        if not place or type(error) is not PlashError:
            raise  # it says itself what it is about
        raise step.at.error(str(error.args[0]), error.remedy) from error


def _web_parts(store: Store, source: Web, fetch: bool) -> Iterator[Part]:
    from plashui.recipes.context.web import digest_of  # speaks with the network
    from plashui.transfer.web.requests import shown

    url = shown(source.url)
    yield Part("the source", url, clear=True)
    yield Part("the whole URL", source.url)
    content = digest_of(store, source, fetch=fetch)
    yield Part(f"what is at {url}", content, clear=True)


def _source_parts(
    step: Copy,
    source: Context | OfStage | OfImage | Text | Git,
    word: str,
    keys: Mapping[Source, str],
    stack: contextlib.ExitStack,
) -> Iterator[Part]:
    if isinstance(source, Git):
        from plashui.recipes.context.repository import commit_of

        yield Part("the repository", source.url)
        yield Part("the source", word, clear=True)
        yield Part("whether .git is kept", str(source.keeps_repository), clear=True)
        yield Part("the commit", commit_of(source), clear=True)
        return
    if isinstance(source, Text):
        content = hashlib.sha256(source.content).hexdigest()
        yield Part(f"the text {source.name}", content, clear=True)
        return
    yield Part("the source", word, clear=True)
    if isinstance(source, OfStage | OfImage):
        name = source.stage if isinstance(source, OfStage) else source.word
        yield Part(f"what is copied from {name}", keys[source], clear=True)
        return
    tree = stack.enter_context(opened_directory(source))
    excluded = _excluded(step)
    for one in choose(tree, word):
        state = digest(tree, one.path, one.entry)
        if one.entry.kind != "d":
            yield Part(f"{_FILE}{one.found}", state, clear=True)
            continue
        yield Part(f"the directory {one.found or '.'}", "d", clear=True)
        for inside in within(tree, one.path):
            if not excluded(inside.relative):
                state = digest(tree, inside.path, inside.entry)
                above = f"{one.found}/" if one.found else ""
                yield Part(f"{_FILE}{above}{inside.relative}", state, clear=True)


def copied(
    store: Store,
    parent: int,
    step: Copy,
    *,
    config: Mapping[str, Any],
    images: Mapping[Source, int],
    more: Mapping[str, object],
    known: Sequence[Part] = (),
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Make a child of `parent` that has the files; return its id.

    `config` is the `config` object of the image so far; `images` has the image of each
    stage and image that it copies from; `more` is kept as metadata of the new image.
    `known` are the parts of its key: a file that is not like that any more is refused.
    Raises PlashError, and makes nothing, if it cannot be done.
    """
    with step_errors(step), contextlib.ExitStack() as stack:
        base: Tree = trees.Texts({})
        if parent != EMPTY_IMAGE:
            base = trees.OfImage(stack.enter_context(open_image(store, parent)))
        opened = Opened(store, images, report, cancel, stack)
        puts = _puts(step, base, config, opened)
        explicit = owner(base, step.owner) if step.owner else None
        wanted = Wanted(explicit, step.mode, _excluded(step))
        work = stack.enter_context(workdir(store))
        data = stack.enter_context(empty_layer(work))
        implied: set[str] = set()
        states: dict[str, str] = {}

        def feed(pipe: IO[bytes]) -> None:
            layer = LayerTar(base, pipe, wanted, report, cancel)
            if not step.sources:
                layer.directory(_place(base, step.target, config))
            for one in puts:
                _put(layer, base, one)
            layer.end()
            implied.update(layer.implied)
            states.update(layer.states)

        wording = Wording(f"copy to {clean(step.target)}")
        unpack(data, feed, wording=wording, lock=work.lock, cancel=cancel)
        _check_unchanged(known, states)
        notes = work.path / META
        notes.mkdir(mode=0o755, exist_ok=True)
        listed = b"".join(os.fsencode(one) + b"\0" for one in sorted(implied))
        (notes / "implied").write_bytes(listed)
        return commit(
            store, parent, work, step.shown, more=more, implied=notes / "implied"
        )


def _check_unchanged(known: Sequence[Part], states: Mapping[str, str]) -> None:
    """Raise PlashError if a file was not copied as it was when its key was made."""
    for part in known:
        name = part.what.removeprefix(_FILE)
        if part.what.startswith(_FILE) and states.get(name, part.value) != part.value:
            raise PlashError(f"{clean(name)} changed while it was copied")


def lay_out(
    store: Store,
    source: Source,
    word: str,
    images: Mapping[Source, int],
    place: Path,
    *,
    cancel: Cancel | None = None,
) -> Path:
    """Copy a file, or what is in a directory, into an empty directory; return where.

    Files of an image keep their owners and modes; those of the context are root's.
    """
    with contextlib.ExitStack() as stack:
        tree = Opened(store, images, silent, cancel, stack).tree(source)
        path = follow(tree.entry, word_in_tree(source, word))
        entry = tree.entry(path)
        if entry is None:
            raise PlashError(f"there is no {clean(word)} to mount")
        name = "" if entry.kind == "d" else entry.name
        one = Chosen(path, path, entry)

        def feed(pipe: IO[bytes]) -> None:
            wanted = Wanted(None, None, None)
            layer = LayerTar(trees.Texts({}), pipe, wanted, silent, cancel)
            layer.put(name, tree, one)
            layer.end()

        _unpacked(place, feed, f"mount {clean(word)}", cancel)
        return place / name if name else place


def give_to(place: Path, owner: tuple[int, int], mode: int) -> None:
    """Give a directory to somebody of an image, who may be a subordinate id."""

    def feed(pipe: IO[bytes]) -> None:
        wanted = Wanted(owner, mode, None)
        layer = LayerTar(trees.Texts({}), pipe, wanted, silent, None)
        layer.root()
        layer.end()

    _unpacked(place, feed, "make a cache", None)


def _unpacked(
    place: Path, feed: Callable[[IO[bytes]], None], do: str, cancel: Cancel | None
) -> None:
    opened = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        unpack(opened, feed, wording=Wording(do), cancel=cancel)
    finally:
        os.close(opened)


class _Put(NamedTuple):
    """Something that is put into the image, at a path; an archive is unpacked there."""

    target: str
    tree: Tree
    one: Chosen
    unpacks: bool = False


def _put(layer: LayerTar, base: Tree, put: _Put) -> None:
    if put.unpacks:
        layer.directory(put.target)
        content = put.tree.content(put.one.path)
        put_archive(layer, base, put.target, content, put.one.found)
    else:
        layer.put(put.target, put.tree, put.one)


def _place(base: Tree, target: str, config: Mapping[str, Any]) -> str:
    """Return the path in the image that a target means, without links."""
    workdir = config.get("WorkingDir")
    start = workdir if isinstance(workdir, str) and workdir else "/"
    return follow(base.entry, posixpath.join("/", start, target))


def _puts(
    step: Copy, base: Tree, config: Mapping[str, Any], opened: Opened
) -> list[_Put]:
    """Find out what is put where."""
    found = [
        (source, tree, one)
        for source, word in step.sources
        for tree in [opened.tree(source)]
        for one in choose(tree, word_in_tree(source, word))
    ]
    place = _place(base, step.target, config)
    entry = base.entry(place)
    is_directory = (
        step.target.endswith(("/", "/.", "/.."))
        or step.target in (".", "..")
        or step.parents
        or (entry is not None and entry.kind == "d")
    )
    files = sum(one.entry.kind != "d" for _source, _tree, one in found)
    if len(found) > 1 and files and not is_directory:
        raise PlashError(
            f"cannot copy {len(found)} things to the file {clean(step.target)}",
            f"Write {clean(step.target)}/ for a directory",
        )
    puts = []
    for source, tree, one in found:
        may_unpack = (step.unpack and isinstance(source, Context)) or (
            step.unpack_web and isinstance(source, Web)
        )
        unpacks = (
            may_unpack and one.entry.kind == "-" and is_archive(tree.content(one.path))
        )
        name = one.found.rpartition("/")[2]
        target = place
        if step.parents:
            kept = one.found if one.entry.kind == "d" else one.found.rpartition("/")[0]
            target = follow(base.entry, f"{place}/{kept}")
        if one.entry.kind != "d" and not unpacks and is_directory:
            target = follow(base.entry, f"{target}/{name}")
        puts.append(_Put(target, tree, one, unpacks))
    return puts


def _excluded(step: Copy) -> Ignored:
    try:
        return Ignored(step.excluded)
    except PatternError as error:
        raise PlashError(f"cannot exclude what is not a pattern: {error}") from error

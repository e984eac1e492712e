"""Writing the tar of a layer: files that are copied onto an image."""

from __future__ import annotations

import tarfile
import time

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Progress
from plashui.base.terminal_text import clean
from plashui.recipes.context.chosen import state_of, within
from plashui.recipes.context.holes import ContentDigest
from plashui.recipes.context.modes import applied
from plashui.recipes.context.tree import Directory, OfImage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import IO, Final

    from plashui.base.progress import Cancel, Report
    from plashui.helper.listing import Entry
    from plashui.recipes.context.chosen import Chosen
    from plashui.recipes.context.holes import OpenFile
    from plashui.recipes.context.tree import Tree

_TYPES: Final = {
    "-": tarfile.REGTYPE,
    "d": tarfile.DIRTYPE,
    "l": tarfile.SYMTYPE,
    "p": tarfile.FIFOTYPE,
    "c": tarfile.CHRTYPE,
    "b": tarfile.BLKTYPE,
}
_ENCODING: Final = ("utf-8", "surrogateescape")
_CHANGED: Final = "it changed while it was copied"


class Wanted:
    """What is written: `owner` and `mode` for all files, or None to keep theirs."""

    def __init__(
        self,
        owner: tuple[int, int] | None,
        mode: int | str | None,
        excluded: Callable[[str], bool] | None,
    ) -> None:
        """Keep what is wanted; `excluded` is asked for paths inside a directory."""
        self.owner, self.mode = owner, mode
        self.excluded = excluded or (lambda _path: False)


class LayerTar:
    """The tar of a layer on an image, `base`.

    `implied` has the directories of the image in which it puts something: they stay as
    they are. `states` says of each file of the context what was written, as `state_of`.
    """

    def __init__(
        self,
        base: Tree,
        pipe: IO[bytes],
        wanted: Wanted,
        report: Report,
        cancel: Cancel | None,
    ) -> None:
        """Write to a pipe."""
        self._base, self._pipe, self._wanted = base, pipe, wanted
        self._report, self._cancel = report, cancel
        self._made: set[str] = set()
        self._here: dict[str, dict[str, str]] = {}
        self._bytes = 0
        self.implied: set[str] = {"."}
        self.states: dict[str, str] = {}
        self._twins: dict[object, str] = {}

    def end(self) -> None:
        """Write the end of the tar."""
        self._pipe.write(bytes(1024))

    def root(self) -> None:
        """Write the root directory, with the owner and the mode that are wanted."""
        info = tarfile.TarInfo(".")
        info.type = tarfile.DIRTYPE
        info.mode = applied(self._wanted.mode, 0o755, directory=True)
        info.uid, info.gid = self._wanted.owner or (0, 0)
        self._header(info, {})

    def has(self, path: str) -> bool:
        """Return whether the layer has made a directory of its own at a path."""
        return path in self._made

    def directory(self, path: str) -> None:
        """See that a directory is there; a new one is made with those above it."""
        missing: list[str] = []
        at = path
        while at and at not in self._made and at not in self.implied:
            kind = self._kind(at)
            if kind == "d":
                self.implied.add(at)
            elif kind:
                raise PlashError(
                    f"cannot copy into /{clean(at)}: it is not a directory"
                )
            else:
                missing.append(at)
            at = at.rpartition("/")[0]
        for new in reversed(missing):
            self._made.add(new)
            info = tarfile.TarInfo(new)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            info.mtime = int(time.time())
            info.uid, info.gid = self._wanted.owner or (0, 0)
            self._header(info, {})

    def put(self, path: str, tree: Tree, one: Chosen) -> None:
        """Write something that was chosen: a file, or what is in a directory."""
        if one.entry.kind != "d":
            self._entry(path, tree, one.path, one.entry, one.found)
            return
        self.directory(path)
        prefix = f"{path}/" if path else ""
        above = f"{one.found}/" if one.found else ""
        left_out = ""
        for inside in within(tree, one.path):
            if left_out and inside.relative.startswith(left_out):
                continue
            if self._wanted.excluded(inside.relative):
                left_out = f"{inside.relative}/"
                continue
            target, found = prefix + inside.relative, above + inside.relative
            self._entry(target, tree, inside.path, inside.entry, found)

    def member(
        self,
        path: str,
        info: tarfile.TarInfo,
        content: Iterator[bytes],
        headers: Mapping[str, str],
    ) -> None:
        """Write a member of another tar, under this path."""
        if info.isdir():
            self._made.add(path)
            self._check(path, "d")
        else:
            self._check(path, "-")
        info.name = path
        if self._wanted.owner:
            info.uid, info.gid = self._wanted.owner
        self._header(info, headers)
        self._content(content, info.size if info.isreg() else 0, path)

    def _kind(self, path: str) -> str:
        """Return the kind of what the image has at a path, "" for nothing."""
        above, _slash, name = path.rpartition("/")
        if above in self._made and above not in self._here:
            return ""
        found = self._here.get(above)
        if found is None:
            entry = self._base.entry(above)
            there = entry is not None and entry.kind == "d"
            listed = self._base.entries(above) if there else []
            found = self._here[above] = {one.name: one.kind for one in listed}
        return found.get(name, "")

    def _check(self, path: str, kind: str) -> None:
        """Refuse to put a directory in the place of a file, and a file in one's."""
        self.directory(path.rpartition("/")[0])
        there = self._kind(path)
        if there and (there == "d") != (kind == "d"):
            new, old = ("a directory", "a file")[:: 1 if kind == "d" else -1]
            where = f"/{clean(path)}"
            raise PlashError(f"cannot copy {new} to {where}: the image has {old} there")

    def _entry(
        self, path: str, tree: Tree, source: str, entry: Entry, found: str
    ) -> None:
        if self._cancel is not None:
            self._cancel.check()
        kind = _TYPES.get(entry.kind)
        if kind is None:
            return  # a socket means nothing without its program
        self._check(path, entry.kind)
        info = tarfile.TarInfo(path)
        info.type = kind
        info.mode = applied(self._wanted.mode, entry.mode, directory=entry.kind == "d")
        info.uid, info.gid = self._wanted.owner or (entry.uid, entry.gid)
        info.size = entry.size if entry.kind == "-" else 0
        info.linkname = entry.target
        if entry.device:
            info.devmajor, info.devminor = entry.device
        twin = tree.identity(source) if entry.kind == "-" else None
        if twin is not None and self._twins.setdefault((id(tree), twin), path) != path:
            info.type, info.size = tarfile.LNKTYPE, 0
            info.linkname = self._twins[id(tree), twin]
            self._header(info, {})
            return
        headers = {"mtime": f"{entry.mtime // 10**9}.{entry.mtime % 10**9:09}"}
        if entry.kind in "-d":
            for key, value in tree.attributes(source).items():
                headers[f"SCHILY.xattr.{key}"] = value.decode(*_ENCODING)
        if entry.kind == "d":
            self._made.add(path)
        if entry.kind != "-":
            self._header(info, headers)
        elif isinstance(tree, Directory):
            digest = ContentDigest()
            with tree.opened(source) as file:
                self._file(info, headers, file, digest)
                self.states[found] = state_of(entry, digest.text(file.size))
        else:
            self._other_file(info, headers, tree, source)

    def _other_file(
        self, info: tarfile.TarInfo, headers: dict[str, str], tree: Tree, source: str
    ) -> None:
        """Write a file of which nobody needs the digest."""
        if isinstance(tree, OfImage):
            with tree.opened(source) as file:
                if file is not None:
                    self._file(info, headers, file, None)
                    return
        self._header(info, headers)
        self._content(tree.content(source), info.size, info.name)

    def _file(
        self,
        info: tarfile.TarInfo,
        headers: dict[str, str],
        file: OpenFile,
        digest: ContentDigest | None,
    ) -> None:
        """Write a file, without what lies in holes, and add it to its digest.

        Holes are said as GNU tar does it (PAX format 1.0).
        """
        size, front = info.size, b""
        if file.size != size:
            raise PlashError(f"cannot copy /{clean(info.name)}: {_CHANGED}")
        if file.stored < size:
            lines = [len(file.parts)]
            for start, end in file.parts:
                lines += (start, end - start)
            front = b"".join(b"%d\n" % number for number in lines)
            front += bytes(-len(front) % 512)
            headers |= {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
            headers |= {"GNU.sparse.realsize": str(size)}

        def content() -> Iterator[bytes]:
            if front:
                yield front
            for at, piece in file.pieces():
                if digest is not None:
                    digest.add(at, piece)
                yield piece

        info.size = len(front) + (file.stored if front else size)
        self._header(info, headers)
        self._content(content(), info.size, info.name)

    def _header(self, info: tarfile.TarInfo, headers: Mapping[str, str]) -> None:
        info.pax_headers = dict(headers)
        self._pipe.write(info.tobuf(tarfile.PAX_FORMAT, *_ENCODING))

    def _content(self, content: Iterator[bytes], size: int, path: str) -> None:
        left = size
        for piece in content:
            if len(piece) > left:
                raise PlashError(f"cannot copy /{clean(path)}: {_CHANGED}")
            self._pipe.write(piece)
            left -= len(piece)
            self._bytes += len(piece)
            self._report(Progress("copying", self._bytes, None, "bytes"))
            if self._cancel is not None:
                self._cancel.check()
        if left:
            raise PlashError(f"cannot copy /{clean(path)}: {_CHANGED}")
        self._pipe.write(bytes(-size % 512))

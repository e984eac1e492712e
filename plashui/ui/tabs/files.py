"""The tab Files: the merged image as its root user sees it."""

from __future__ import annotations

import stat
import time
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from plashui.base.progress import Cancel, Report
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.helper.listing import Entry
from plashui.image.file_diff import Side
from plashui.image.mounted_image import open_image
from plashui.store.store import Store
from plashui.ui.model.jobs import Outcome, Work
from plashui.ui.model.messages import JobWanted
from plashui.ui.model.path_rows import PathNode
from plashui.ui.model.subject import Subject
from plashui.ui.tabs.working import WorkingTab, sentence
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.path_tree import Cells, PathTree

KEYS: Final = (
    Key("enter", "View", "view", 1),
    Key("c", "Copy out", "copy_out", 2),
    Key("space", "Mark", "mark_file", 3),
    Key("=", "Compare", "compare_files", 4),
)
_TYPES: Final = {
    "-": stat.S_IFREG,
    "d": stat.S_IFDIR,
    "l": stat.S_IFLNK,
    "c": stat.S_IFCHR,
    "b": stat.S_IFBLK,
    "p": stat.S_IFIFO,
    "s": stat.S_IFSOCK,
}
_ROOT: Final = Entry("", "d", 0, 0, 0, 0, 0, 0)

FileNode = PathNode[Entry]


class FilesTab(WorkingTab):
    """A tree of files; opening a directory reads it and releases the image again."""

    keys = KEYS
    DEFAULT_CSS = "FilesTab > PathTree { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_out", "Copy out", show=False),
        Binding("space", "mark_file", "Mark", show=False),
        Binding("equals_sign", "compare_files", "Compare", show=False),
    ]

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._image: int | None = None
        self._top: FileNode | None = None
        self._marked: Side | None = None

    def compose(self) -> ComposeResult:
        """Yield a line that names the marked file, and the tree."""
        yield Static("", markup=False)
        yield PathTree[Entry](cells)

    @property
    def tree_of_paths(self) -> PathTree[Entry]:
        """The tree."""
        return self.query_one(PathTree)

    def inner(self) -> Widget:
        """Return the tree."""
        return self.tree_of_paths

    def show(self, subject: Subject, *, new: bool) -> None:
        """Show the root directory if the image is new."""
        self.subject = subject
        image = subject.image if subject.there else None
        if image == self._image and (self._top is not None or not new):
            if new:
                self._go_on()
            return
        self._image, self._top = image, None
        self.tree_of_paths.show_tree(None)
        if image is None:
            self.stop()
            self._say("")
            return
        self._say("reading …")
        top = FileNode("/", "/", _ROOT, branch=True, opened=True)
        self.begin(partial(_read, self.store, image, top))

    def on_path_tree_wanted(self, event: PathTree.Wanted) -> None:
        """Read a directory that was opened."""
        event.stop()
        if self._image is not None and self._top is not None:
            read = partial(_read, self.store, self._image, event.node)
            cancel = Cancel() if self._cancel.is_set() else self._cancel
            self._cancel = cancel
            self._start(read, cancel)

    def _go_on(self) -> None:
        """Read the directories that were interrupted when the tab was left."""
        for node, _depth in self.tree_of_paths.rows:
            if node.opened and node.inner is None:
                self.tree_of_paths.post_message(PathTree.Wanted(node))

    def found(self, value: Any) -> None:
        """Show the content of a directory."""
        node, inner = value
        if isinstance(inner, Exception):
            node.opened = False
            self.tree_of_paths.refresh()
            self.plashui.fail(inner)
            return
        node.inner = inner
        if self._top is None:
            self._top = node
            self.tree_of_paths.show_tree(node)
            self._say_where()
        else:
            self.tree_of_paths.filled(node)

    def failed(self, error: Exception) -> None:
        """Show the error in place of the tree."""
        self._say(sentence(error))

    def action_view(self) -> None:
        """Do what Enter does: open a directory or show a file."""
        self.tree_of_paths.action_choose()

    def on_path_tree_picked(self, event: PathTree.Picked) -> None:
        """Show a file; for a link, its target."""
        event.stop()
        entry: Entry = event.node.data
        if entry.kind not in "-l":
            what = "is a device, a pipe or a socket: no content to show"
            self.plashui.tell(f"{event.node.path} {what}")
        elif self._image is not None:
            from plashui.ui.viewers.pager import Pager

            self.app.push_screen(Pager(self.store, self._image, event.node.path))

    def action_mark_file(self) -> None:
        """Mark or unmark the file under the cursor for a comparison."""
        node = self.tree_of_paths.node
        if node is None or self._image is None:
            return
        side = Side(self._image, node.path)
        if node.branch:
            self.plashui.tell(f"{node.path} is a directory: only files are compared")
            return
        self._marked = None if self._marked == side else side
        self.tree_of_paths.marked = node if self._marked else None
        self.tree_of_paths.refresh()
        self._say_where()

    def action_compare_files(self) -> None:
        """Compare the marked file with the one under the cursor."""
        node = self.tree_of_paths.node
        if node is None or self._image is None:
            return
        side = Side(self._image, node.path)
        if self._marked is None or self._marked == side:
            self.plashui.tell(
                "First mark a file with space; = then compares it with another file, "
                "of this or another image"
            )
            return
        if node.branch:
            self.plashui.tell(f"{node.path} is a directory: only files are compared")
            return
        from plashui.ui.viewers.file_diff import FileDiffScreen

        self.app.push_screen(FileDiffScreen(self.store, self._marked, side))

    def action_copy_out(self) -> None:
        """Ask where to copy what is under the cursor, and start the job."""
        node, image = self.tree_of_paths.node, self._image
        if node is None or image is None:
            return
        from plashui.ui.dialogs.copy_out import CopyOutScreen

        path = node.path

        def answered(target: Path | None) -> None:
            if target is not None:
                title = f"Copy {path} of image {image} to {target}"
                work = copying(self.store, image, path, target)
                self.post_message(JobWanted(title, work))

        self.app.push_screen(CopyOutScreen(image, path), answered)

    def on_line_list_moved(self) -> None:
        """Show the directory of the cursor in the top line."""
        if self._top is not None:
            self._say_where()

    def _say_where(self) -> None:
        """Show the marked file and the directory of the cursor in the top line."""
        node = self.tree_of_paths.node
        words = "/" if node is None else node.path.rpartition("/")[0] or "/"
        if self._marked is not None:
            where = "" if self._marked.image == self._image else "of image "
            number = f"{self._marked.image} " if where else ""
            words = f"marked: {where}{number}{self._marked.path} · {words}"
        self._say(words)

    def _say(self, words: str) -> None:
        self.query_one(Static).update(f" {clean(words)}")


def cells(node: FileNode, width: int) -> tuple[Cells, Cells]:
    """Return mode, owner, size and time of a file, as far as there is room."""
    entry = node.data
    left: Cells = []
    if width >= 52:
        left.append((f" {stat.filemode(_TYPES.get(entry.kind, 0) | entry.mode)}", ""))
    if width >= 72:
        left.append((f" {f'{entry.uid}:{entry.gid}':>11}", "faint"))
    if entry.kind == "d":
        amount = ""
    elif entry.device is not None:
        amount = ",".join(map(str, entry.device))
    else:
        amount = size(entry.size)
    left.append((f" {amount:>7}", ""))
    if width >= 62:
        left.append((f"  {_time(entry.mtime)}", "faint"))
    left.append(("  ", ""))
    words = ""
    if node.opened:
        words = "  …" if node.inner is None else "  empty" if not node.inner else ""
    return left, [(words, "faint")] if words else []


def _time(nanoseconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(nanoseconds // 10**9))
    except (OverflowError, ValueError, OSError):
        return "?".rjust(16)


def _read(store: Store, image: int, node: FileNode, cancel: Cancel) -> Any:
    """Read a directory, in a thread; directories come first, then by name.

    A link to a directory can be opened as a directory.
    """
    from plashui.base.errors import PlashError

    above = node.path.rstrip("/")
    try:
        with open_image(store, image) as merged:
            entries = merged.entries(node.path)
            ways = set()
            for entry in entries:
                cancel.check()
                place = f"{above}/{entry.name}"
                if entry.kind == "l" and merged.leads_to_directory(place):
                    ways.add(entry.name)
    except (PlashError, OSError) as error:
        if node.data is _ROOT:
            raise
        return node, error
    cancel.check()
    entries.sort(key=lambda entry: (entry.kind != "d", entry.name))
    return node, [_node(above, entry, way=entry.name in ways) for entry in entries]


def _node(above: str, entry: Entry, *, way: bool) -> FileNode:
    name = clean(entry.name)
    directory = entry.kind == "d"
    if directory:
        name += "/"
    elif entry.kind == "l":
        name += f" -> {clean(entry.target)}"
    path = f"{above}/{entry.name}"
    return FileNode(path, name, entry, entry.size, branch=directory or way)


def copying(store: Store, image: int, path: str, target: Path) -> Work:
    """Return the work of a job that copies a path out of an image."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        with open_image(store, image) as merged:
            copied = merged.copy_out(path, target, report=report, cancel=cancel)
        words = f"{plural(copied.files, 'file')}, {size(copied.bytes)}"
        return Outcome("; ".join([words, *copied.remarks()]))

    return work

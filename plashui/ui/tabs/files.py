"""The tab Files: the merged image as its root user sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

from textual.binding import Binding, BindingType
from textual.widgets import Static

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Report
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.helper.listing import Entry
from plashui.image.file_diff import Side
from plashui.image.mounted_image import open_image
from plashui.image.search import all_files, layers_in
from plashui.store.store import Store
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.jobs.job import Outcome, Work
from plashui.ui.model.messages import FileWanted, JobWanted
from plashui.ui.model.paths.file_tree import ROOT, FileNode, cells, file_node, file_tree
from plashui.ui.model.text.lines import cut
from plashui.ui.tabs.searching import SEARCH_KEY, SearchingTab
from plashui.ui.tabs.working import sentence
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.path_tree import Cells, PathTree

KEYS: Final = (
    Key("enter", "View", "view", 1),
    SEARCH_KEY,
    Key("s", "Sizes", "sizes", 3),
    Key("c", "Copy out", "copy_out", 4),
    Key("e", "Edit", "edit_file", 5),
    Key("v", "Pager", "page_file", 20),
    Key("space", "Mark", "mark_file", 6),
    Key("=", "Compare", "compare_files", 7),
)
MOST_LAYERS: Final = 40
"""Layers up to which it is found out which of them a directory's content is from."""


class Layers(NamedTuple):
    """The layer that each of some paths is from."""

    by_path: dict[str, int]


class Whole(NamedTuple):
    """Everything in an image by size, with the layers; `shown`: as was asked for."""

    top: FileNode
    layers: dict[str, int]
    shown: bool


class FilesTab(SearchingTab):
    """A tree of files; opening a directory reads it and releases the image again."""

    keys = KEYS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sizes", "Sizes", show=False),
        Binding("c", "copy_out", "Copy out", show=False),
        Binding("e", "edit_file", "Edit", show=False),
        Binding("v", "page_file", "Pager", show=False),
        Binding("space", "mark_file", "Mark", show=False),
        Binding("equals_sign", "compare_files", "Compare", show=False),
    ]

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._image: int | None = None
        self._top: FileNode | None = None
        self._marked: Side | None = None
        self._layers: dict[str, int] = {}
        self._whole: FileNode | None = None

    def show(self, subject: Subject, *, new: bool) -> None:
        """Show the root directory if the image is new."""
        self.subject = subject
        image = subject.image if subject.there else None
        if image == self._image and (self._top is not None or not new):
            if new:
                self._go_on()
            return
        self._image, self._top, self._whole = image, None, None
        self._layers = {}
        self.forget_search()
        self.tree_of_paths.show_tree(None)
        if image is None:
            self.stop()
            self._say("")
            return
        self._say("reading …")
        top = FileNode("/", "/", ROOT, branch=True, opened=True)
        self.begin(partial(self._read, image, top))

    def on_path_tree_wanted(self, event: PathTree.Wanted) -> None:
        """Read a directory that was opened."""
        event.stop()
        if self._image is not None and self._top is not None:
            self.begin_more(partial(self._read, self._image, event.node))

    def _go_on(self) -> None:
        """Read the directories that were interrupted when the tab was left."""
        for node, _depth in self.tree_of_paths.rows:
            if node.opened and node.inner is None:
                self.tree_of_paths.post_message(PathTree.Wanted(node))

    def found(self, value: Any) -> None:
        """Show the content of a directory, its layers, its sizes or a search."""
        if isinstance(value, Layers):
            self._layers.update(value.by_path)
            self.tree_of_paths.refresh()
            return
        if isinstance(value, Whole):
            self._whole = value.top
            self._layers.update(value.layers)
            if value.shown:
                self._show_sizes(value.top)
            return
        if self.search_found(value):
            return
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

    def action_edit_file(self) -> None:
        """Edit the file under the cursor in the person's editor."""
        self._give(edit=True)

    def action_page_file(self) -> None:
        """Show the file under the cursor in the person's pager."""
        self._give(edit=False)

    def _give(self, *, edit: bool) -> None:
        """Ask for the file under the cursor, or where its link leads, in a program."""
        node = self.tree_of_paths.node
        if node is None or self._image is None:
            return
        if node.branch or node.data.kind not in "-l":
            self.plashui.tell(f"{node.path} is not a file: nothing to open")
            return
        self.post_message(FileWanted(self._image, node.path, edit))

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
        if self._top is not None and not self.is_searching and self._sized is None:
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

    def cells(self, node: FileNode, width: int) -> tuple[Cells, Cells]:
        """Return the cells left of a path, and its layer or match right of it."""
        left, right = cells(node, width, whole=self._sized)
        note = self.matches.notes.get(node.path) if self.matches else None
        if note:
            return left, [(f"  {cut(note, width // 2)}", "faint")]
        layer = self._layers.get(node.path)
        if layer is None or width < 40:
            return left, right
        forest = self.subject.forest
        label = clean(forest.label(layer)) if layer in forest and width >= 90 else ""
        words = cut(f"{layer} {label}".strip(), width // 5)
        return left, [*right, (f"  {words}", "id" if layer == self._image else "faint")]

    # -- sizes, and what is searched ------------------------------------------

    @property
    def _sized(self) -> FileNode | None:
        """The tree by size, if it is shown."""
        tree = self.tree_of_paths
        return self._whole if tree.top is self._whole else None

    def action_sizes(self) -> None:
        """Show everything by size, directories with their content; and back."""
        tree = self.tree_of_paths
        if self._top is None or self._image is None:
            return
        at = tree.node.path if tree.node is not None else ""
        if self.is_searching:
            self.forget_search()
        if self._sized is not None:
            tree.show_tree(self._top)
            tree.go_to(at)
            self._say_where()
        elif self._whole is not None:
            self._show_sizes(self._whole)
        else:
            self._say("counting …")
            self.begin(partial(self._find_whole, self._image, shown=True), rest=0)

    def _show_sizes(self, top: FileNode) -> None:
        self.tree_of_paths.show_tree(top)
        self._say(f"by size: {size(top.size)} in all")

    def _find_whole(self, image: int, cancel: Cancel, *, shown: bool) -> Whole:
        """Find everything in the image, in a thread."""
        forest = self.subject.forest
        tree = all_files(self.store, forest, image, cancel=cancel)
        cancel.check()
        layers = {f"/{path}": node.layer for path, node in tree.items() if path}
        entries = {path: node.entry for path, node in tree.items()}
        return Whole(file_tree(entries, cancel), layers, shown)

    def whole_tree(self) -> Callable[[Cancel], FileNode] | None:
        """Return what finds all files of the image, which is kept."""
        image = self._image
        if image is None:
            return None

        def find(cancel: Cancel) -> FileNode:
            if self._whole is None:
                whole = self._find_whole(image, cancel, shown=False)
                self.tell(cancel, whole)
                return whole.top
            return self._whole

        return find

    def searched_image(self) -> int | None:
        """Return the image that is shown."""
        return self._image

    def files_of(self, nodes: Iterable[FileNode]) -> Iterable[str]:
        """Return the regular files."""
        return (node.path for node in nodes if node.data.kind == "-")

    def say_usual(self) -> None:
        """Show the directory of the cursor."""
        self._say_where()

    def _read(self, image: int, node: FileNode, cancel: Cancel) -> Any:
        """Read a directory, then say which layers its content is from; in a thread."""
        value = _read(self.store, image, node, cancel)
        forest = self.subject.forest
        if image in forest and len(forest.ancestry(image)) <= MOST_LAYERS:
            self.tell(cancel, value)
            with suppress(PlashError):
                by_path = layers_in(self.store, forest, image, node.path, cancel=cancel)
                return Layers(by_path)
        return value


def _read(store: Store, image: int, node: FileNode, cancel: Cancel) -> Any:
    """Read a directory, in a thread; directories come first, then by name.

    A link to a directory can be opened as a directory.
    """
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
        if node.data is ROOT:
            raise
        return node, error
    cancel.check()
    entries.sort(key=lambda entry: (entry.kind != "d", entry.name))
    return node, [file_node(above, entry, way=entry.name in ways) for entry in entries]


def copying(store: Store, image: int, path: str, target: Path) -> Work:
    """Return the work of a job that copies a path out of an image."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        with open_image(store, image) as merged:
            copied = merged.copy_out(path, target, report=report, cancel=cancel)
        words = f"{plural(copied.files, 'file')}, {size(copied.bytes)}"
        return Outcome("; ".join([words, *copied.remarks()]))

    return work

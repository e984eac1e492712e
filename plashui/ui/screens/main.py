"""The one screen: the tree of images, its totals, details and jobs.

Here are keys, mouse and what they start; how the store is read and counted is in
`reading.py`, the shell in `shell.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from plashui.core.errors import PlashError
from plashui.core.text import clean, plural, size
from plashui.ui.commands import ACTIONS, action
from plashui.ui.jobs import Job, State, Work
from plashui.ui.messages import JobEnded
from plashui.ui.rows import Order
from plashui.ui.screens.reading import ReadingScreen
from plashui.ui.widgets.details import Details
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.header import TreeHeader
from plashui.ui.widgets.jobstrip import JobStrip
from plashui.ui.widgets.keybar import Key, KeyBar
from plashui.ui.widgets.treetable import TreeTable

if TYPE_CHECKING:
    from textual.widgets import Input

    from plashui.ui.screens.import_tar import Wanted
    from plashui.ui.screens.removal import Done
    from plashui.ui.widgets.filterbar import FilterBar


def _key_bar() -> list[Key]:
    """The footer: in the order of the ranks, the way out and the help always there."""
    shown = sorted((a for a in ACTIONS if a.footer), key=lambda a: a.footer)
    keys = [Key(a.keys.split()[0], a.label, a.name, a.footer) for a in shown]
    last = [action("help"), action("leave")]
    return keys + [Key(a.keys, a.label, a.name) for a in last]


class MainScreen(ReadingScreen):
    """The tree of images and everything that can be done from it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(a.key, a.name, a.label, show=False, tooltip=a.help) for a in ACTIONS
    ]

    def compose(self) -> ComposeResult:
        """Head, tree and details, jobs, keys."""
        yield Head(clean(self._short(str(self.store.path))))
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield TreeHeader()
                yield TreeTable(id="tree")
            yield Details()
        yield KeyBar(_key_bar())

    def on_mount(self) -> None:
        """Show the store at once, then find out the rest."""
        self._ticking: Timer = self.set_interval(0.25, self._tick, pause=True)
        self._removals: list[tuple[int, ...]] = []
        self._filter_bar: FilterBar | None = None
        self.begin()

    @staticmethod
    def _short(path: str) -> str:
        import os

        home = os.environ.get("HOME", "")
        return f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path

    # -- what the tree says ---------------------------------------------------

    def chosen(self) -> tuple[int | None, list[int]]:
        """The image under the cursor, and the marked ones."""
        return self.table.image, sorted(self.table.marks)

    @on(TreeTable.Changed)
    def tree_changed(self) -> None:
        """Headings and totals follow the tree."""
        self.query_one(TreeHeader).show(self.table.columns, self.table.order)
        self.show_totals()

    @on(TreeTable.Moved)
    def tree_moved(self) -> None:
        """The details follow the cursor."""
        self.show_details()

    @on(TreeTable.Chosen)
    def tree_chosen(self) -> None:
        """A double click is a shell."""
        self.action_shell()

    @on(TreeHeader.Sort)
    def header_sort(self, event: TreeHeader.Sort) -> None:
        """A click on a heading sorts."""
        self.table.sort(event.order)

    @on(KeyBar.Pressed)
    async def key_pressed(self, event: KeyBar.Pressed) -> None:
        """A click on the footer is the key."""
        await self.run_action(event.action)

    @on(JobStrip.Pressed)
    def jobs_pressed(self) -> None:
        """A click on the jobs shows them."""
        self.action_jobs()

    # -- looking --------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark or unmark the image under the cursor."""
        self.table.switch_mark()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.table.sort(Order(self.table.order).next())

    def action_open_all(self) -> None:
        """Open the whole tree."""
        self.table.open_all()

    def action_close_all(self) -> None:
        """Close the whole tree."""
        self.table.close_all()

    def action_details(self) -> None:
        """Show or hide the details."""
        wide = self.app.size.width >= 104
        self.set_class(
            not self.has_class("-hide" if wide else "-ask"), "-hide" if wide else "-ask"
        )
        self.call_after_refresh(self.show_details)

    def action_tab(self) -> None:
        """The next tab of the details, which come up if they are hidden."""
        if self.details.display:
            self.details.next_tab()
        else:
            self.action_details()

    async def action_filter(self) -> None:
        """Type what to look for; the keys that follow at once are for the field."""
        from plashui.ui.widgets.filterbar import FilterBar

        if not self.table.forest.images:
            return
        with self.app.batch_update():  # it is not seen before it takes what is typed
            if self._filter_bar is None:
                self._filter_bar = FilterBar(self.table.needle)
                await self.query_one("#left").mount(self._filter_bar, before=0)
            self.set_focus(self._filter_bar)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches what is in the filter bar."""
        if event.input is self._filter_bar:
            self.table.filter(event.value.strip())

    def action_focus_tree(self) -> None:
        """From the filter to what it found."""
        self.set_focus(self.table)

    def action_back(self) -> None:
        """Take back the filter, then the marks, then the asked-for details."""
        bar, self._filter_bar = self._filter_bar, None
        if bar is not None or self.table.needle:
            self.set_focus(self.table)
            self.table.filter("")
            # It goes a moment later: whoever asks for a filter until then gets a new
            # one, or the focus and what is typed would be lost with the old.
            if bar is not None:
                bar.remove()
        elif self.table.marks:
            self.table.clear_marks()
        else:
            self.remove_class("-ask")
        self.set_focus(self.table)

    def action_help(self) -> None:
        """All keys."""
        from plashui.ui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(*self.chosen()))

    def action_jobs(self) -> None:
        """What runs in the background."""
        from plashui.ui.screens.jobs import JobsScreen

        self.app.push_screen(JobsScreen(self.plashui.jobs))

    def action_reread(self) -> None:
        """Read the store again."""
        self.reread()

    def action_leave(self) -> None:
        """Quit."""
        self.plashui.action_leave()

    # -- doing ----------------------------------------------------------------

    def refused(self) -> bool:
        """Whether nothing may be changed here; says so."""
        if self.plashui.read_only:
            self.plashui.tell("the store is open for reading only", severity="warning")
        return self.plashui.read_only

    def nothing_under_cursor(self) -> bool:
        """Whether there is no image to act on; says so."""
        if self.table.image is None:
            self.plashui.tell("there is no image here", severity="warning")
        return self.table.image is None

    def action_shell(self) -> None:
        """A shell in the image under the cursor."""
        image = self.table.image
        if image is None:
            self.nothing_under_cursor()
            return
        from plashui.ui.screens.shell import use_shell

        self.run_worker(use_shell(self, image), group="shell", exclusive=True)

    def action_remove(self) -> None:
        """The preview of removing what is marked, else what is under the cursor."""
        if self.refused() or (not self.table.marks and self.nothing_under_cursor()):
            return
        from plashui.ui.screens.removal import RemovalScreen

        image, marked = self.chosen()
        images: Sequence[int] = marked or ([image] if image is not None else [])
        screen = RemovalScreen(self.store, self.table.forest, images)
        self.app.push_screen(screen, self._removed)

    def _removed(self, done: Done | None) -> None:
        if done is None:
            return
        self._removals.append(done.tops)
        self.table.clear_marks()
        count = plural(len(done.removed.ids), "image")
        self.plashui.tell(
            f"{count} moved to the trash, {size(done.removed.bytes)}. "
            "u brings back, T frees the bytes."
        )
        self.reread()

    def action_undo(self) -> None:
        """Bring back what was removed last."""
        if self.refused():
            return
        last = self._removals.pop() if self._removals else ()
        self.run_worker(
            partial(self._restore, last), thread=True, group="undo", exit_on_error=False
        )

    def _restore(self, images: tuple[int, ...]) -> None:
        """In a thread: restore these, or what is newest in the trash."""
        from plashui.core.restore import Restored, restore
        from plashui.core.trash import trashed
        from plashui.ui.screens.trash import restored_sentence

        try:
            chosen = images or tuple(t.id for t in trashed(self.store)[:1])
            if not chosen:
                raise PlashError("there is nothing to undo: the trash is empty")
            back = [restore(self.store, image) for image in chosen]
        except (PlashError, OSError) as error:
            self.app.call_from_thread(self.plashui.fail, error)
            return
        whole = Restored(
            tuple(i for one in back for i in one.ids),
            tuple(n for one in back for n in one.names_kept),
            tuple(n for one in back for n in one.names_lost),
            tuple(i for one in back for i in one.first),
        )
        self.app.call_from_thread(self.plashui.tell, restored_sentence(whole))
        self.app.call_from_thread(self.reread, chosen[0])

    def action_trash(self) -> None:
        """The trash."""
        from plashui.ui.screens.trash import TrashScreen

        self.app.push_screen(TrashScreen(self.store, self.start_job))

    def action_rename(self) -> None:
        """Ask for the name of the image under the cursor."""
        image = self.table.image
        if self.refused() or self.nothing_under_cursor() or image is None:
            return
        from plashui.ui.screens.name import NameScreen

        names = self.table.forest.images[image].names
        old = names[0] if names else ""

        def answered(new: str | None) -> None:
            if new is not None and new != clean(old):
                self._rename(image, old, new)

        self.app.push_screen(NameScreen(image, old), answered)

    def _rename(self, image: int, old: str, new: str) -> None:
        try:
            if new:
                self.store.set_name(new, image)
            if old:
                self.store.delete_name(old)
        except (PlashError, OSError) as error:
            self.plashui.fail(error)
        self.reread(image)

    def action_import(self) -> None:
        """Ask which tar to import."""
        if self.refused():
            return
        from plashui.ui.screens.import_tar import ImportScreen

        self.app.push_screen(ImportScreen(), self.imported)

    def imported(self, wanted: Wanted | None) -> None:
        """Import what the form says, in the background."""
        if wanted is None:
            return
        from plashui.ui.screens.import_tar import importing

        work = importing(self.store, wanted)
        self.start_job(f"importing {wanted.file.name}", work)

    # -- jobs -----------------------------------------------------------------

    def start_job(self, title: str, work: Work) -> Job:
        """Do the work in the background."""
        job = self.plashui.jobs.add(title, work)
        self.run_worker(
            partial(self._work, job), thread=True, group="jobs", exit_on_error=False
        )
        self._ticking.resume()
        self._tick()
        return job

    def _work(self, job: Job) -> None:
        job.run()
        self.post_message(JobEnded(job))

    def _tick(self) -> None:
        """Draw the running jobs; stops with the last of them."""
        running = self.plashui.jobs.running()
        strips = self.query(JobStrip)
        if running and not strips:
            self.mount(JobStrip(), before=self.query_one(KeyBar))
        for strip in self.query(JobStrip):
            strip.show(running)
        if not running:
            self._ticking.pause()

    @on(JobEnded)
    def job_ended(self, event: JobEnded) -> None:
        """Say how a job ended."""
        self._tick()
        job = event.job
        words = f"{job.title}: {job.outcome}"
        failed = job.state is State.FAILED
        self.plashui.tell(words, severity="error" if failed else "information")
        self.reread(job.image)
        self.on_job_over(job)

    def on_job_over(self, job: Job) -> None:
        """Let the trash, if it is on screen, read itself again."""
        reread: Callable[[], Any] | None = getattr(self.app.screen, "reread", None)
        if self.app.screen is not self and reread is not None and not job.running:
            reread()

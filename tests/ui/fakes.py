"""What stands for the main screen, where a family of actions is tested alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from plashui.model.forest import Forest
from plashui.settings.config import Config
from plashui.store.changes.saved_changes import Kept
from plashui.store.store import Store
from plashui.ui.actions.table import ACTIONS, action
from plashui.ui.model.action import Action
from plashui.ui.model.jobs.job import Job, Jobs, Work
from plashui.ui.model.undo import Journal
from plashui.ui.store_view.job_runner import JobRunner
from plashui.ui.store_view.reader import StoreReader
from plashui.ui.store_view.view import StoreView


class FakeHost:
    """Remembers what was told; it has no terminal."""

    to_terminal: Callable[[str], None] | None = None

    def __init__(self, store: Store, *, read_only: bool = False) -> None:
        """Show this store."""
        self.store, self.read_only = store, read_only
        self.jobs, self.config, self.actions = Jobs(), Config(), ACTIONS
        self.told: list[str] = []
        self.lines_run: list[str] = []

    def entry(self, name: str) -> Action:
        """The action of that name."""
        return action(name)

    def key(self, name: str) -> str:
        """Its first key."""
        return next(iter(self.entry(name).keys.split()), "no key")

    def tell(self, sentence: str, **_how: Any) -> None:
        """Remember it."""
        self.told.append(sentence)

    def ran(self, line: str) -> None:
        """Remember it."""
        self.lines_run.append(line)

    def fail(self, error: BaseException) -> None:
        """Remember it."""
        self.told.append(str(error))

    def __getattr__(self, name: str) -> Any:
        """All else is not for a family that is tested alone."""
        raise AssertionError(f"a family asked the app for {name}")


class FakeView(StoreView):
    """Images and what is chosen of them; threads and questions are answered at once."""

    def __init__(
        self,
        host: FakeHost,
        forest: Forest,
        image: int | None,
        marked: tuple[int, ...] = (),
        changes: Kept | None = None,
    ) -> None:
        """These are chosen."""
        self.host = host
        self.journal = Journal()
        self._forest, self._image = forest, image
        self._marked, self._changes = marked, changes
        self.asked: list[Screen[Any]] = []
        self.answer: Any = None

    @property
    def forest(self) -> Forest:
        """The images."""
        return self._forest

    @property
    def image(self) -> int | None:
        """That under the cursor."""
        return self._image

    @property
    def marked(self) -> list[int]:
        """Those with a mark."""
        return list(self._marked)

    @property
    def tops(self) -> list[int]:
        """What a removal begins with: nothing is folded."""
        return self.chosen

    @property
    def changes(self) -> Kept | None:
        """The unsaved changes under the cursor."""
        return self._changes

    @property
    def chain(self) -> tuple[int, ...]:
        """Nothing is folded."""
        return ()

    def clear_marks(self) -> None:
        """Take the marks away."""
        self._marked = ()

    def ask(self, screen: Screen[Any], answered: Any = None) -> None:
        """Remember what is asked, and answer."""
        self.asked.append(screen)
        if answered is not None:
            answered(self.answer)

    def on_loop(self, call: Callable[..., object], *words: Any) -> None:
        """Here is the loop."""
        call(*words)

    def in_worker(
        self,
        work: Callable[[], object],
        group: str,  # noqa: ARG002 - as in a view
        *,
        exclusive: bool = False,  # noqa: ARG002
    ) -> None:
        """Here is the thread."""
        work()


class FakeReader(StoreReader):
    """Remembers what was to be read again."""

    def __init__(self) -> None:
        """Nothing was."""
        self.read: list[int | None] = []

    def reread(self, reveal: int | None = None) -> None:
        """Read the store."""
        self.read.append(reveal)

    def look_again(self, image: int) -> None:
        """Read it, and look into an image."""
        self.read.append(image)


class FakeJobs(JobRunner):
    """Remembers the jobs, and runs none."""

    def __init__(self) -> None:
        """There are none."""
        self.started: list[Job] = []
        self.then: Callable[[], None] | None = None

    def start(
        self,
        title: str,
        work: Work,
        root: str = "",
        *,
        then: Callable[[], None] | None = None,
    ) -> Job:
        """Start one."""
        self.then = then
        job = Job(len(self.started) + 1, title, work, root)
        self.started.append(job)
        return job

"""Random keys, clicks, sizes and changes of the store, on the real app.

`python -m tests.ui.monkey STORE SEED COUNT` does COUNT of them and prints what came of
it; the status is 1 if the app failed or an image is gone that nobody asked to be
deleted for good. It tries everything the app can do, paths it makes up among them, so
it wants a sandbox: see test_monkey.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tarfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from textual.app import App
from textual.errors import NoWidget
from textual.pilot import OutOfBounds, Pilot
from textual.worker import Worker

from plashui.base import log
from plashui.base.errors import PlashError
from plashui.operations import empty_trash
from plashui.operations.session import Session
from plashui.store import names
from plashui.store.changes import saved_changes
from plashui.store.store import Store
from plashui.store.trash import listing as trash
from plashui.ui.actions.table import ACTIONS
from plashui.ui.application import PlashuiApp
from plashui.ui.platform import terminal_app
from plashui.ui.screens import shell
from plashui.ui.screens.main import MainScreen
from tests.ui import stores
from tests.ui.answers import ask_the_living

MOVES: Final = (
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("j", "k", "h", "l", "g", "G", "tab", "shift+tab", "1", "2", "3", "4"),
    *("5", "6", "w", "equals_sign"),
    *("enter", "enter", "enter", "escape", "escape", "space", "backspace", "ctrl+p"),
    *("n", "N", "x", "c", "y", "plus", "ctrl+z", "ctrl+c", "delete", "f1"),
)
GOOD: Final = ((160, 45), (120, 32), (80, 24), (60, 17), (200, 60))
SIZES: Final = (*GOOD, *GOOD, *GOOD, (40, 10), (1, 1))
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789>< :./-~[]\\\"'=%"
HOME: Final = ("escape", "escape", "escape")
"""Back to the tree, from wherever one is."""

DEEDS: Final = (
    ("d", "right", "enter"),
    ("d", "right", "enter"),
    ("escape", "escape", "T", "E", "right", "enter", "escape"),
    ("escape", "escape", "T", "d", "right", "enter", "escape"),
    ("escape", "T", "r", "escape"),
    ("u",),
    (*HOME, "x", *"true", "enter", "right"),
    (*HOME, "x", "down", "down", "right", *"A=1", "enter"),
    (*HOME, "enter", "tab", "enter"),
    (*HOME, "enter", "tab", "enter", "u"),
    (*HOME, "enter", "tab", "tab", "enter"),
    (*HOME, "enter", "f3", "asterisk", "escape", "escape"),
    (*HOME, "enter", "f3", "space", "escape", "enter"),
    (*HOME, "enter", "f3", "space", "escape", "shift+tab", "right", "tab", "enter"),
    (*HOME, "y", "i"),
    (*HOME, "U", "down", "enter", "u", "u"),
    (*HOME, "P", "N", *"x", "enter", "r", *"name2", "enter", "u", "u", "u"),
    (*HOME, "v", "j", "j", "v", "d", "d", "u"),
    (*HOME, "ctrl+a", "I", "shift+down", "shift+down", "d", "escape", "escape"),
    (*HOME, "s", "r", "s", "s", "t", "s", "o", "t"),
    (*HOME, ":", *"ls", "tab", "enter"),
    (*HOME, ":", *"17", "enter", "1", "7", "@", "enter"),
    (*HOME, "A", "enter", "f1", "enter", "enter", "escape"),
    (*HOME, "o", "4", "/", *"fi", "enter", "n", "escape", "s", "s"),
    (*HOME, "o", "4", "/", "/", "/", *"6", "enter", "escape"),
    (*HOME, "o", "3", "/", *"file", "enter", "escape"),
    (*HOME, "<", ">", "[", "]", "ctrl+d", "ctrl+u"),
    (*HOME, "enter", *"name6", "enter"),
    (*HOME, "enter", *"name1", "enter", "right", "enter"),
    (*HOME, "enter", *"~/saved", "enter"),
    (*HOME, "enter", "left", "enter", "escape"),
    (*HOME, "enter", "left", "left", "enter", "escape", "u"),
    (*HOME, "T", "enter", *"saved", "enter", "escape"),
    (*HOME, "l", "j", "d", "escape"),
    (*HOME, "p", "shift+tab", "right", "right", "tab", *"~/a.tar", "enter"),
    (*HOME, "p", "shift+tab", "left", "tab", *"~/tree", "enter"),
    (*HOME, "E", *"~/out.tar.gz", "enter", "right", "enter"),
    (*HOME, "E", "shift+tab", "right", "tab", *"~/out", "enter", "right", "enter"),
    (*HOME, "b", *"true", "enter", "J"),
    (*HOME, "z", "down", "enter", "enter"),
    (*HOME, "z", "down", "right", "right", "enter"),
    (*HOME, "S", "right", "enter"),
    (*HOME, "M", "right", "down", "space", "d", "escape", "i", "enter"),
    (*HOME, "M", "plus", "right", "t", "M"),
    (*HOME, "space", "down", "space", "=", "down", "enter", "escape"),
    (*HOME, "o", "3", "down", "enter", "x", "escape"),
    (*HOME, "o", "4", "down", "enter", "x", "G", "/", *"2", "enter", "n", "escape"),
    (*HOME, "o", "4", "down", "space", "G", "=", "down", "n", "escape"),
    (*HOME, "o", "4", "down", "c", *"copy", "enter"),
    (*HOME, "o", "2", "down", "enter", "o", "tab", "tab", "shift+tab"),
    (*HOME, "o", "5", "down", "k", "o", "escape"),
    (*HOME, "o", "6", "down", "enter", "w", *"thin", "enter", "/", *"a", "escape"),
    (*HOME, "=", *"2", "enter", "down", "asterisk", "enter", "escape", "escape"),
    (*HOME, "=", *"file:/proc/self/exe", "enter", "escape"),
    (*HOME, "O", "tab", *"~/other", "enter"),
    (*HOME, "O", "up", "enter"),
    (*HOME, "O", "down", "enter"),
    (*HOME, "m", *"/nowhere", "enter", "escape"),
    (*HOME, "N", *"a note", "enter"),
    (*HOME, "P", "C", "enter", "D", "escape"),
    (*HOME, "J", "down", "r", "c", "escape"),
)
"""What chance alone would seldom bring about."""

EVERY: Final = 8
"""Events after which the app may catch up: until then they are typed ahead."""


def keys() -> tuple[str, ...]:
    """Every key that does something."""
    bound = (key for action in ACTIONS for key in action.key.split(","))
    return (*(key for key in bound if key != "q"), *MOVES)


class Monkey:
    """One who plays with a store, and remembers what it asked for."""

    def __init__(self, store: Store, seed: int, count: int) -> None:
        """Have this many goes."""
        self.store, self.left = store, count
        self.dice = random.Random(seed)
        self.seen = set(store.read().images)
        self.asked: set[int] = set()
        self.changed: set[str] = set()
        self.decided: set[str] = set()
        self.opened = 0
        self.keys = keys()
        self.been: Counter[str] = Counter()

    async def play(self) -> None:
        """Use the app until all is done, opening it again when it was left."""
        while self.left > 0:
            self.opened += 1
            app = PlashuiApp(self.store, lender=_lent)
            async with app.run_test(size=self.dice.choice(GOOD)) as pilot:
                ask_the_living(pilot)
                while self.left > 0 and app._exit is False:
                    await self.go(app, pilot)
                    self.note_place(app)
                self.been.update(f"job {job.state.name}" for job in app.jobs.all)
                app.leave_now()
            if app.return_code:
                raise AssertionError(f"the app ended with {app.return_code}")
            self.look()
            noted = log.log_file()
            if noted.exists():
                raise AssertionError(f"it was noted: {noted.read_text()}")

    async def go(self, app: PlashuiApp, pilot: Pilot[None]) -> None:
        """Do one thing."""
        self.left -= 1
        what = self.dice.random()
        if what < 0.002:
            app.simulate_key(self.dice.choice(("q", "ctrl+q")))
        elif what < 0.04:
            patient = self.dice.random() < 0.8
            for key in self.dice.choice(DEEDS):
                app.simulate_key(_key_of(key) if len(key) == 1 else key)
                if patient:
                    await pilot.pause()
                    self.note_place(app)
        elif what < 0.72:
            app.simulate_key(self.dice.choice(self.keys))
        elif what < 0.90:
            app.simulate_key(_key_of(self.dice.choice(LETTERS)))
        elif what < 0.94:
            await pilot.resize_terminal(*self.dice.choice(SIZES))
        elif what < 0.97:
            place = (
                self.dice.randrange(app.size.width),
                self.dice.randrange(app.size.height),
            )
            with suppress(OutOfBounds, NoWidget):
                await pilot.click(offset=place, times=self.dice.choice((1, 1, 2)))
        else:
            with suppress(PlashError, OSError):
                await asyncio.to_thread(self.meddle)
        if self.left % EVERY == 0:
            await pilot.pause()
        if self.left % 250 == 0:
            self.look()

    def note_place(self, app: PlashuiApp) -> None:
        """Remember where one has been."""
        screen = app.screen
        self.been[type(screen).__name__] += 1
        if isinstance(screen, MainScreen):
            self.been["map"] += screen.parts.view.usage_map is not None
            self.been[type(screen.parts.footer.tab_inside).__name__] += 1

    def meddle(self) -> None:
        """Do something to the store behind the app's back."""
        images = sorted(self.store.read().images)
        image = self.dice.choice(images) if images else 0
        name = f"name{self.dice.randrange(5)}"
        what = self.dice.randrange(4)
        if what == 0:
            names.set_name(self.store, name, image)
        elif what == 1:
            names.delete_name(self.store, name)
        elif what == 2:
            with self.store.moving():
                self.make_child(image)
        else:
            os.utime(self.store.path / "index")

    def make_child(self, parent: int) -> None:
        """An image as the old program makes one."""
        node = self.store.path / self.store.layer(parent)
        with (self.store.path / "id_counter").open("ab") as counter:
            counter.write(b".")
        new = (self.store.path / "id_counter").stat().st_size
        (node / str(new)).mkdir()
        (node / f"{new}/_data/root").mkdir(parents=True)
        (node / f"{new}/_data/root/file").write_text(str(new))
        place = os.path.relpath(node / str(new), self.store.path / "index")
        (self.store.path / f"index/{new}").symlink_to(place)

    def look(self) -> None:
        """Fail if an image or a change is gone that was to be gone for nobody."""
        there = self.images()
        lost = self.seen - there - self.asked
        if lost:
            there = self.images()  # it may have been on its way
            lost = self.seen - there - self.asked
        if lost:
            raise AssertionError(f"images lost: {sorted(lost)}")
        self.seen |= there
        gone = self.changed - self.changes() - self.decided
        if gone:
            gone -= self.changes() | self.decided  # it may have been on its way
        if gone:
            raise AssertionError(f"changes lost: {sorted(gone)}")

    def changes(self) -> set[str]:
        """The names of all changes, unsaved or in the trash."""
        both = (*saved_changes.kept(self.store), *saved_changes.discarded(self.store))
        return {one.name for one in both}

    def images(self) -> set[int]:
        """What is in the store or its trash, each with files in its layer."""
        forest = self.store.read()
        found: set[int] = set()
        with self.store.moving():
            forest = self.store.read()
            for image in forest.images:
                layer = self.store.path / self.store.layer(image)
                # Who saves some of what a shell changed has not all the files.
                if not any((layer / "_data/root").rglob("file")):
                    raise AssertionError(f"image {image} has no layer any more")
                found.add(image)
            found.update(i for entry in trash.trashed(self.store) for i in entry.ids)
        return found

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Remember what is deleted for good because somebody said so."""
        empty = empty_trash.empty

        def noted(store: Store, images: Iterable[int], **options: Any) -> int:
            ids = list(images)
            for entry in trash.trashed(store):
                if entry.id in ids and store.root == self.store.root:
                    self.asked.update(entry.ids)
            return empty(store, ids, **options)

        setattr(empty_trash, "empty", noted)  # noqa: B010 - mypy minds the other
        try:
            with self.watched_changes():
                yield
        finally:
            setattr(empty_trash, "empty", empty)  # noqa: B010

    @contextmanager
    def watched_changes(self) -> Iterator[None]:
        """Remember which shells changed something, and what was decided about it."""
        delete, commit, park = saved_changes.delete, Session._commit, Session.park
        commit_without = Session._commit_without

        def run(session: Session, *, pass_fds: Sequence[int] = ()) -> int:
            del pass_fds  # nothing is started that could read them
            status = _at_the_shell(session)
            ours = session.store.root == self.store.root
            if ours and session.place is not None and session.changed():
                self.changed.add(session.place.name)
            return status

        def deleted(store: Store, places: Iterable[Path], **options: Any) -> int:
            chosen = list(places)
            images = store.read().images
            for place in chosen:
                image = int(place.name.partition("-")[0])
                if place.parent.name == "trash" or image not in images:
                    self.decided.add(place.name)
            return delete(store, chosen, **options)

        def committed(session: Session) -> int:
            made = commit(session)
            self.decided.add(session.place.name if session.place else "")
            return made

        def committed_without(session: Session, paths: Collection[str]) -> int:
            made = commit_without(session, paths)
            if session.rest is not None and session.store.root == self.store.root:
                self.changed.add(session.rest.name)
            return made

        def parked(session: Session, directory: Path | None = None) -> Path:
            name = session.place.name if session.place else ""
            place = park(session, directory)
            self.decided |= {name} if directory else set()
            return place

        ours = (
            (saved_changes, "delete", deleted, delete),
            (Session, "_commit", committed, commit),
            (Session, "_commit_without", committed_without, commit_without),
            (Session, "park", parked, park),
            (Session, "run", run, Session.run),
        )
        for where, name, new, _old in ours:
            setattr(where, name, new)
        try:
            yield
        finally:
            for where, name, _new, old in ours:
                setattr(where, name, old)


def _key_of(letter: str) -> str:
    from textual.keys import _character_to_key

    return _character_to_key(letter)


@contextmanager
def _lent(_app: App[Any]) -> Iterator[None]:
    """Lend nothing: there is no terminal."""
    yield


def _at_the_shell(session: Session) -> int:
    """Stand in for a person at a shell: change something, or nothing."""
    if session.place is not None and random.random() < 0.6:
        (session.place / "data").mkdir(exist_ok=True)
        (session.place / "data/file").write_text("hello\n")
        if random.random() < 0.5:
            (session.place / "data/more").mkdir(exist_ok=True)
            (session.place / "data/more/file").write_text("hello again\n")
    return random.choice((0, 0, 0, 1, 130))


def things_to_import(home: Path) -> None:
    """A directory, and a tar of it; another store."""
    (home / "tree").mkdir()
    (home / "tree/file").write_text("from elsewhere\n")
    with tarfile.open(home / "a.tar", "w") as tar:
        tar.add(home / "tree", ".")
    stores.make(home / "other", stores.SAMPLE, CREATED)


@contextmanager
def no_worker_failing() -> Iterator[None]:
    """Note what a worker fails with, be there somebody who looks at it or not."""
    run = Worker.run

    async def noted(worker: Worker[Any]) -> Any:
        try:
            return await run(worker)
        except Exception as error:
            log.note(error, f"worker {worker.name} {worker.group}")
            raise

    setattr(Worker, "run", noted)  # noqa: B010
    try:
        yield
    finally:
        setattr(Worker, "run", run)  # noqa: B010


def main(place: str, seed: str, count: str) -> int:
    """Play; the exit status."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    setattr(terminal_app, "QUIET", 0.0)  # noqa: B010
    # What is typed after `:` may be any verb, and then it was asked for.
    setattr(shell, "on_terminal", lambda _argv, _environment: 0)  # noqa: B010
    random.seed(int(seed))
    layers = (*stores.SAMPLE, *stores.HOSTILE_TOO, *stores.CHAINED_TOO)
    store = stores.make(Path(place), layers, CREATED)
    things_to_import(Path.home())
    monkey = Monkey(store, int(seed), int(count))
    with monkey.watched(), no_worker_failing():
        asyncio.run(monkey.play())
    now = monkey.images()
    print(  # noqa: T201
        f"{count} events, the app opened {monkey.opened} times; "
        f"{len(monkey.seen)} images seen, {len(now)} there, "
        f"{len(monkey.asked)} deleted for good as asked; it was at "
        + ", ".join(f"{name} {times}" for name, times in sorted(monkey.been.items()))
    )
    return 0


CREATED: Final = "2026-01-01T00:00:00+00:00"

if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

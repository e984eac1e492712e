"""The dialog before a removal: which images would go and what that frees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from plashui.base.errors import InUse, Pinned, PlashError
from plashui.base.terminal_text import clean, some
from plashui.base.units import plural, size
from plashui.model.forest import Forest, Size
from plashui.operations.preconditions import in_use_sentence
from plashui.operations.removal_plan import Plan, PlanChanged, plan_removal, seen_in
from plashui.operations.remove import remove
from plashui.store.changes import saved_changes
from plashui.store.changes.saved_changes import Kept
from plashui.store.run_spec import command_line
from plashui.store.store import Store
from plashui.ui.dialogs.base import button, line_text, shown_line, text
from plashui.ui.dialogs.removals.base import Done, TakingDialog
from plashui.ui.model.host import host_of
from plashui.ui.model.images.row_cells import shown_size
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.line_list import LineList

_ROOM: Final = 210
"""Most characters of the list of lost names; the list above shows all of them."""

_USERS: Final = 4
"""Most images in use whose users are named; the list above marks all of them."""


_MOST: Final = 16
"""Most rows of the list."""


def victim_lines(forest: Forest, plan: Plan) -> list[Line]:
    """List the images to remove, parents first, with sizes and what is special."""
    asked = set(plan.asked)
    used = {holder.image for holder in plan.in_use}
    pinned = set(plan.pinned)
    digits = max(3, len(str(max(plan.victims, default=0))))
    depth: dict[int, int] = {}
    lines: list[Line] = []
    for image in plan.victims:
        node = forest.images[image]
        depth[image] = depth[node.parent] + 1 if node.parent in depth else 0
        indent = "  " * min(depth[image], 8)
        own = forest.own(image)
        line: list[tuple[str, str]] = [
            (f" {image:>{digits}} ", "id"),
            (shown_size(own).rjust(8), "" if own.known else "faint"),
            (f"  {indent}{clean(forest.label(image))}", ""),
        ]
        if image in used:
            line.append(("  in use", "warn"))
        if image in pinned:
            line.append(("  pinned", "warn"))
        if image not in asked:
            line.append((f"  built on {node.parent}", "faint"))
        lines.append(line)
    return lines


def _used_sentence(plan: Plan) -> str:
    """Say which images are in use and by whom; only the first of many."""
    images = list(dict.fromkeys(holder.image for holder in plan.in_use))
    if not images:
        return ""
    first = [h for h in plan.in_use if h.image in images[:_USERS]]
    more = len(images) - _USERS
    also = f"; {plural(more, 'image')} more" if more > 0 else ""
    return clean(in_use_sentence(first)) + also


def removal_sentence(forest: Forest, plan: Plan) -> str:
    """Say how many images would be removed, and how much that frees."""
    if not plan.victims:
        return "Nothing to remove: another program has removed it."
    count = plural(len(plan.victims), "image")
    what = f"Removes {count}"
    if plan.implied:
        tops = [f"{i} {clean(forest.label(i))}".strip() for i in plan.asked]
        on = "it" if len(tops) == 1 else "them"
        what += f" ({some(tops, 40)} and {len(plan.implied)} built on {on})"
    amount = shown_size(Size(plan.bytes, plan.known))
    return f"{what}. Emptying the trash then frees {amount}."


def removal_line(plan: Plan, root: str) -> str:
    """Return the command line that does the same."""
    force = ["--force"] if plan.in_use or plan.pinned else []
    return command_line(["rm", "--trash", *force, *map(str, plan.asked)], root)


class RemovalScreen(TakingDialog):
    """Preview a removal and carry out exactly what is shown."""

    DEFAULT_CSS = """
    RemovalScreen {
        & #victims {
            height: auto;
            max-height: 3;
            margin-top: 1;
            background: $boost;
        }
        & #names { color: $text-warning; }
        & #used { color: $text-error; }
    }
    RemovalScreen.-short {
        & #box > Static, & #victims { margin-top: 0; }
        & #hint, & #line { display: none; }
        & #names { max-height: 2; }
        & #buttons { margin: 0; }
    }
    """
    HELD = ("#safe", "#remove")
    title_text = "Remove"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,y", "sure", "Remove", show=False),
    ]

    @dataclass
    class Planned(Message):
        """A plan to show, with news about it and unsaved changes that stay."""

        forest: Forest
        plan: Plan
        news: str = ""
        unsaved: tuple[Kept, ...] = ()

    def __init__(self, store: Store, forest: Forest, images: Iterable[int]) -> None:
        """Preview the removal of these images and of all images built on them."""
        super().__init__()
        self._store, self._forest = store, forest
        self._images = tuple(images)
        self.plan: Plan | None = None

    def body(self) -> Iterable[Widget]:
        """Yield the texts and the list, empty until the plan is known."""
        yield text("Checking …", name="sum")
        yield LineList(id="victims")
        yield text("", name="used")
        yield text("", name="names")
        app = host_of(self)
        words = f"What is removed goes to the trash; {app.key('undo')} restores it."
        yield text(words, "hint", name="hint")
        yield line_text()

    def buttons(self) -> Iterable[Button]:
        """Buttons: back, remove."""
        yield button("Back", "safe")
        yield button("Move to the trash", "remove", danger=True)

    def on_mount(self) -> None:
        """Start planning."""
        for name in ("#names", "#used"):
            self.query_one(name).display = False
        self.query_one("#remove", Button).disabled = True
        self.set_focus(self.query_one("#safe"))
        self._plan()

    @work(thread=True, exclusive=True, group="plan", exit_on_error=False)
    def _plan(self) -> None:
        self._work_out()

    def _work_out(self) -> None:
        """Plan the removal, in a thread."""
        try:
            plan = plan_removal(self._store, self._forest, self._images)
            self._show(self._forest, plan)
        except (PlashError, OSError) as error:
            self.post_message(self.Trouble(error))

    def _show(self, forest: Forest, plan: Plan, news: str = "") -> None:
        """Post the plan with its unsaved changes, in a thread."""
        unsaved = saved_changes.unsaved_of(self._store, plan.victims)
        self.post_message(self.Planned(forest, plan, news, unsaved))

    @on(Planned)
    def planned(self, event: Planned) -> None:
        """Show the plan and enable the button."""
        plan = self.plan = event.plan
        self._forest = event.forest
        news = f"{event.news}\n" if event.news else ""
        self.say("#sum", f"{news}{removal_sentence(event.forest, plan)}")
        self.query_one(LineList).show(victim_lines(event.forest, plan))
        names = some(map(clean, plan.names), _ROOM)
        one = len(plan.victims) == 1
        also = "Its name goes with it" if one else "Their names go with them"
        lost = [f"{also}: {names}"] if plan.names else []
        self.say("#names", "\n".join([*lost, *self._unsaved_words(event)]))
        used = _used_sentence(plan)
        pinned = str(Pinned(plan.pinned)) if plan.pinned else ""
        said = [words[:1].upper() + words[1:] for words in (used, pinned) if words]
        self.say("#used", "\n".join(said))
        line = shown_line(removal_line(plan, self._store.root))
        self.query_one("#line", Static).update(line)
        go = self.query_one("#remove", Button)
        though = "in use" if plan.in_use else "pinned" if plan.pinned else ""
        go.label = f"Remove anyway ({though})" if though else "Move to the trash"
        go.refresh(layout=True)
        self.be_busy(False)
        go.disabled = not plan.victims
        self.on_resize()
        self.set_focus(self.query_one("#safe"))

    def _unsaved_words(self, event: RemovalScreen.Planned) -> list[str]:
        """Say what happens to unsaved changes of the images."""
        if not event.unsaved:
            return []
        app = host_of(self)
        of = some((str(i) for i in sorted({c.image for c in event.unsaved})), 60)
        amount = size(sum(change.bytes or 0 for change in event.unsaved))
        return [
            f"Unsaved changes of {of} ({amount}) stay: {app.key('trash')} lists them"
        ]

    def on_resize(self) -> None:
        """Fit the list to the room there is."""
        self.fit(self.query_one("#victims"), _MOST)

    def action_sure(self) -> None:
        """Press the button, by the key that opened the dialog or by yes."""
        self.query_one("#remove", Button).press()

    @on(Button.Pressed, "#remove")
    def go(self) -> None:
        """Remove what is shown."""
        if self.plan is not None and not self.busy:
            self.be_busy(True)
            self.say("#sum", f"Moving {plural(len(self.plan.victims), 'image')} …")
            self._remove(self.plan)

    @work(thread=True, group="remove", exit_on_error=False)
    def _remove(self, plan: Plan) -> None:
        """Remove exactly the plan, or show the new one if the store has changed."""
        try:
            try:
                seen = seen_in(plan)
                done = remove(self._store, plan, trash=True, allow=seen)
                self.post_message(self.Finished(Done(done, plan.tops)))
            except PlanChanged as changed:
                there = "The store has changed. This would be removed now:"
                news = there if changed.plan.victims else ""
                self._show(self._store.read(), changed.plan, news)
            except InUse as error:
                self._again(plan, error)
            except Pinned:
                self._forest = self._store.read()
                self._work_out()
        except (PlashError, OSError) as error:
            self.post_message(self.Trouble(error))

    def _again(self, plan: Plan, error: InUse) -> None:
        """Show images that came into use since the preview, and ask again."""
        used = plan._replace(in_use=(*plan.in_use, *error.holders))
        self._show(self._forest, used, "Now in use:")

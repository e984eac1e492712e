"""The base class of dialogs: a box over the screen, the safe button first."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from plashui.base.terminal_text import clean
from plashui.ui.dialogs.once import Answer, AnswersOnce
from plashui.ui.model.host import host_of

TAB_AT_ONCE: Final[list[BindingType]] = [
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
]
"""Of a dialog with a `TextField`, which would have the keys typed after a Tab."""


class Dialog(ModalScreen[Answer], AnswersOnce[Answer]):
    """A box with a title, a body and buttons; Esc gives the safe answer."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        & #box {
            width: 76;
            max-width: 94%;
            height: auto;
            max-height: 92%;
            overflow-y: auto;
            scrollbar-size-vertical: 1;
            padding: 0 2;
            background: $surface;
            border: round $primary 60%;
            border-title-color: $text-primary;
            border-title-style: bold;
        }
        & #box > Static { height: auto; margin-top: 1; }
        & #box > .hint { color: $dim; }
        & #box > #line { max-height: 4; }
        & #box > .warning { color: $text-warning; }
        & #box > Input {
            margin-top: 1;
            height: 1;
            border: none;
            padding: 0 1;
            background: $field;
        }
        & #box > Input:focus { background: $primary 30%; }
        & #buttons {
            dock: bottom;
            height: 3;
            padding: 1 0;
            background: $surface;
            align-horizontal: right;
        }
        & #buttons Button {
            margin-left: 2;
            height: 1;
            min-width: 8;
            padding: 0 1;
            border: none;
            background: $panel;
            color: $foreground;
            text-style: none;
        }
        & #buttons Button.-error { color: $text-error; }
        & #buttons Button:focus {
            background: $primary;
            color: $background;
            text-style: bold;
            background-tint: $foreground 0%;
        }
        & #buttons Button.-error:focus { background: $error; color: $background; }
        & #buttons Button:disabled { color: $dim; text-opacity: 1; }
    }
    Dialog.-slim {
        & #box { max-width: 100%; padding: 0 1; }
        & #buttons {
            layout: grid;
            grid-size: 2;
            grid-columns: 1fr auto;
            grid-gutter: 0 1;
            grid-rows: 1;
            height: auto;
            padding: 1 0 0 0;
        }
        & #buttons Button { margin-left: 0; min-width: 6; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012 - Textual's
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "safe", "Back", show=False),
        Binding("question_mark", "app.help", "Help", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-broad")]  # noqa: RUF012 - Textual's
    title_text = ""
    help_section = "Dialogs"
    """The section of the help about what the keys do here; `screens/help` has all."""
    does_line = True
    """Whether an answer does what the command line `#line` does."""

    def on_mount(self) -> Awaitable[None] | None:
        """Keep what is told beside the box, wherever that is."""
        self.screen_layout_refresh_signal.subscribe(self, self._tell_beside)
        return None

    def _tell_beside(self, _screen: Screen[Any]) -> None:
        """Put what is told below the box, or above it, as there is room."""
        for rack, part in zip(
            self.query("ToastRack"), self.query("#box"), strict=False
        ):
            box = part.region
            high = sum(toast.region.height for toast in rack.query("Toast"))
            below, above = box.bottom, box.y - high
            top = below if below + high <= self.size.height else max(0, above)
            if rack.display and high and box.width:
                rack.styles.margin = (top, 0, 0, box.x)
                rack.styles.width = box.width

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and close; remember the command line that does the same."""
        if result is not None and self.does_line and not self._answered:
            for line in self.query("#line").results(Static):
                host_of(self).ran(str(line.content).removeprefix("$ "))
        return super().dismiss(result)

    def compose(self) -> ComposeResult:
        """Yield the box with body and buttons."""
        box = Vertical(id="box")
        box.border_title = Content(self.title_text)
        with box:
            yield from self.body()
            with Horizontal(id="buttons"):
                yield from self.buttons()

    def body(self) -> Iterable[Widget]:
        """Yield the widgets above the buttons."""
        return ()

    def buttons(self) -> Iterable[Button]:
        """Yield the buttons, the safe one first."""
        return ()

    def type_into(self, event: events.Key, field: Input) -> None:
        """Put what is typed while a button has the focus into a field; `?` is help."""
        if event.character and event.is_printable and event.character not in " ?":
            field.select_on_focus = False
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)
            event.stop()

    def fit(self, rows: Widget, most: int) -> None:
        """Give a list up to `most` rows, as far as the other texts leave room."""
        self.call_after_refresh(self._fit, rows, most)

    def _fit(self, rows: Widget, most: int) -> None:
        others = [w for w in self.query("#box > *") if w.display and w is not rows]
        taken = sum(w.outer_size.height + w.styles.margin.height for w in others)
        room = self.size.height * 92 // 100 - 2 - rows.styles.margin.height - taken
        rows.styles.max_height = max(3, min(most, room))

    def worker_failed(self) -> None:
        """Close the dialog, even if it is busy."""
        self.dismiss(None)

    def action_safe(self) -> None:
        """Give the answer that changes nothing."""
        self.dismiss(None)

    def action_page(self, by: int) -> None:
        """Scroll the box if it does not fit on the screen."""
        box = self.query_one("#box")
        box.scroll_relative(y=by * max(1, box.size.height - 4), animate=False)


class Words(Static):
    """Text without markup; ends with `…` where it does not fit."""

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        strip = super().render_line(y)
        width, height = self.size
        whole = self.get_content_height(self.size, self.size, width)
        if y < height - 1 or whole <= height:
            return strip
        end = min(cell_len(strip.text.rstrip()), width - 1)
        style = self.rich_style
        *before, last = list(strip.crop(0, end)) or [Segment("", style)]
        cut = Strip([*before, Segment(f"{last.text}…", last.style)])
        return cut.adjust_cell_length(width, style)


def text(words: str, classes: str = "", *, name: str | None = None) -> Words:
    """Create a text without markup."""
    return Words(words, classes=classes, id=name, markup=False)


def line_text(line: str = "") -> Words:
    """Create the text `#line` for the command line that does the same."""
    return text(shown_line(line), "hint", name="line")


def shown_line(line: str) -> str:
    """Format a command line for display; '' for none."""
    return f"$ {clean(line)}" if line else ""


def button(label: str, name: str, *, danger: bool = False) -> Button:
    """Create a button; `danger` marks what cannot be undone."""
    made = Button(label, id=name, variant="error" if danger else "default")
    made.active_effect_duration = 0  # while it lasts, a further press is not heard
    return made

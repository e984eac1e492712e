"""What verbs that carry out a plan have in common: options, output, failed steps."""

from __future__ import annotations

import os
import sys

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.build import build, resumed_by
from plashui.recipes.look import Options
from plashui.recipes.watch import Watch
from plashui.verbs.shared.current_store import store

if TYPE_CHECKING:
    from plashui.base.progress import Progress
    from plashui.recipes.build import Resumed
    from plashui.recipes.plan import Plan
    from plashui.recipes.watch import Told
    from plashui.store.store import Store


class Wanted(NamedTuple):
    """How a plan is carried out. `debug`: a failed step opens a shell."""

    options: Options = Options()
    debug: bool = False


def is_option(word: str) -> bool:
    """Return whether a word is one of the options that come before macros."""
    return word.partition("=")[0] in ("--no-cache", "--pull", "--network", "--debug")


def options_of(words: list[str]) -> tuple[Wanted, list[str]]:
    """Take the options from the front of the words; return the rest, too."""
    options, debug = Options(), False
    left = list(words)
    while left and is_option(left[0]):
        name, equals, value = left.pop(0).partition("=")
        if name == "--no-cache":
            options = options._replace(cached=False)
        elif name == "--pull":
            options = options._replace(pull=True)
        elif name == "--debug":
            debug = True
        else:
            value = value if equals else left.pop(0) if left else ""
            if value not in ("none", "host"):
                raise PlashError(f"--network takes none or host, not {value!r}")
            options = options._replace(network=value == "host")
    return Wanted(options, debug), left


def built(plan: Plan, wanted: Wanted, place: Store | None = None) -> int:
    """Carry out a plan; return the image. Its output goes to stderr."""
    place = place or store()
    resumed: list[Resumed] = []
    with _Output() as output:
        while True:
            try:
                image = build(
                    place,
                    plan,
                    wanted.options,
                    resumed=resumed,
                    watch=output,
                )
                output.end(place)
                return image
            except PlashError as error:
                from plashui.recipes.step import StepFailed

                if not isinstance(error, StepFailed):
                    raise
                output.clear()
                from plashui.verbs.builds.debugging import after_failure

                image = after_failure(error, debug=wanted.debug)
                resumed.append(resumed_by(error, image))
                # What was just built is not to be built once more.
                wanted = wanted._replace(
                    options=Options(network=wanted.options.network)
                )


class _Output(Watch):
    """Writes steps and their output to stderr, and draws the progress of pulls."""

    def __init__(self) -> None:
        self._meter = None
        self._made = False

    def step(self, told: Told) -> None:
        """Write what is done with a step; how it ends is told otherwise."""
        self._made |= told.state == "made"
        if told.state not in ("made", "failed"):
            from plashui.verbs.shared.output import say  # what is cached says nothing

            self.clear()
            say(str(told))

    def output(self, _told: Told, progress: Progress) -> None:
        """Write a line of output, or draw progress."""
        self.pull(progress)

    def pull(self, progress: Progress) -> None:
        """Write a line of output, or draw progress."""
        if progress.unit == "lines":
            from plashui.base.terminal_text import clean

            sys.stderr.write(f"{clean(progress.what)}\n")
            sys.stderr.flush()
            return
        if self._meter is None:
            from plashui.verbs.shared.meter import Meter

            self._meter = Meter()  # type: ignore[assignment]
        self._meter(progress)  # type: ignore[misc]

    def clear(self) -> None:
        """Erase the progress."""
        if self._meter is not None:
            self._meter.clear()

    def end(self, place: Store) -> None:
        """Remove what killed builds have left, if this one has made anything."""
        self.clear()
        if self._made:
            from plashui.verbs.shared.new_image import sweep

            sweep(place)

    def __enter__(self) -> _Output:
        """Write during the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Erase the progress."""
        self.clear()


def refuse_empty(words: list[str]) -> None:
    """Raise PlashError for an empty word: it mostly comes from an unset variable."""
    if "" in words:
        raise PlashError("a word is empty", "Is a variable of the script unset?")


def command_line_of(words: list[str]) -> tuple[list[str], list[str] | None]:
    """Split words at the first `--`: macros, and a command; None without `--`."""
    if "--" not in words:
        return words, None
    at = words.index("--")
    return words[:at], words[at + 1 :]


def exported(variables: dict[str, str]) -> None:
    """Let variables through to what is run in an image from now on."""
    os.environ.update(variables)
    before = os.environ.get("PLASH_EXPORT", "")
    names = [*filter(None, [before]), *variables]
    if names:
        os.environ["PLASH_EXPORT"] = ":".join(names)

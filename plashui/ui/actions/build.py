"""Actions that make new images from those of the store: build, config and squash."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.base.progress import Cancel, Report
    from plashui.model.forest import Forest
    from plashui.store.store import Store
    from plashui.ui.dialogs.config_form import Wanted
    from plashui.ui.dialogs.squash import Planned
    from plashui.ui.model.forms import Form, Values
    from plashui.ui.model.jobs import Outcome, Work
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


_HOMES: Final = (("private", "the image's own"), ("shared", "share this machine's"))
_HINT: Final = "leave empty for a shell, --apt git for macros"


class BuildActions(ActionFamily):
    """Build and squash images, each as a background job; change their config."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Act on the image under the cursor of `view`."""
        super().__init__(view)
        self.reader, self.jobs = reader, jobs

    def build(self) -> None:
        """Ask which command makes the new image."""
        if self.view.refused() or (image := self.view.image_or_tell()) is None:
            return
        from plashui.ui.dialogs.form import FormScreen

        form = build_form(self.view.store, image, self.view.forest)
        self.view.ask(FormScreen(form), partial(self._build, image))

    def _build(self, image: int, values: Values | None) -> None:
        if values is not None and not values["command"]:
            from plashui.store.run_spec import Way
            from plashui.ui.model.forms import new_name
            from plashui.ui.screens.shell import ImageShell

            way, name = Way(build=True, home=values.get("home", "")), new_name(values)
            shell = ImageShell(self.view, self.reader)
            self.view.at_terminal(partial(shell.use, image, way, name=name))
        elif values is not None:
            title = f"Build {values['command']} on {image}"
            self.jobs.start(title, building(self.view.store, image, values))

    def config(self) -> None:
        """Ask how the image under the cursor is to be run."""
        if self.view.refused() or (image := self.view.image_or_tell()) is None:
            return
        self.view.in_thread(self._look_for_config, image)

    def _look_for_config(self, image: int) -> None:
        """Read the config of the image and make the form of it, in a thread."""
        from plashui.image.config_of import effective_config
        from plashui.ui.dialogs.config_form import Wanted, config_form

        store = self.view.store
        wanted = Wanted(image, effective_config(store, image).get("config", {}))
        form = config_form(store, wanted, self.view.forest)
        self.view.on_loop(self._ask_config, wanted, form)

    def _ask_config(self, wanted: Wanted, form: Form) -> None:
        from plashui.ui.dialogs.form import FormScreen

        def answered(values: Values | None) -> None:
            if values is not None:
                self.view.in_thread(self._set_config, wanted, values)

        self.view.ask(FormScreen(form), answered)

    def _set_config(self, wanted: Wanted, values: Values) -> None:
        """Make the image with the new config, or change it, in a thread."""
        from plashui.operations.set_config import set_config
        from plashui.ui.dialogs.config_form import amends
        from plashui.ui.model.forms import new_name

        image, amend = wanted.image, amends(values)
        changes, name = wanted.changes(values), new_name(values)
        made = set_config(self.view.store, image, changes, amend=amend, name=name)
        if amend:
            self.view.on_loop(self.host.tell, f"Config of image {image} changed")
            self.view.on_loop(self.reader.look_again, image)
        else:
            self.view.on_loop(self.host.tell, f"Image {made} has the new config")
            self.view.on_loop(self.reader.reread, made)

    def squash(self) -> None:
        """Show what a squash of the image under the cursor would make."""
        if self.view.refused() or (image := self.view.image_or_tell()) is None:
            return
        from plashui.ui.dialogs.squash import SquashScreen

        screen = SquashScreen(self.view.store, self.view.forest, image)
        self.view.ask(screen, self._squash)

    def _squash(self, planned: Planned | None) -> None:
        if planned is not None:
            from plashui.ui.dialogs.squash import squashing

            title = f"Squash {planned.plan.image}"
            self.jobs.start(title, squashing(self.view.store, planned))


def build_form(store: Store, image: int, forest: Forest) -> Form:
    """Form for the command of a build and the name of the new image."""
    from plashui.ui.model.forms import (
        NAME,
        Field,
        Form,
        command_of,
        command_or_none,
        new_name,
        taken_names,
        words_or_none,
    )
    from plashui.ui.model.recipes import check_recipe, is_recipe, look_at
    from plashui.ui.model.sources import line_with_name

    root = store.root

    def check(values: Values) -> None:
        command_of(values["command"])
        if is_recipe(values["command"]):
            check_recipe(image, values["command"])
        new_name(values).check(store)

    def line(values: Values) -> str:
        typed = values.get("command", "")
        if is_recipe(typed):
            macros = ["build", "--from", str(image), *words_or_none(typed)]
            return line_with_name(macros, values, root)
        words = command_or_none(typed)
        share = ["--share-home"] if values.get("home") == "shared" else []
        build = ["build", *share, str(image), *words]
        return line_with_name(build, values, root)

    return Form(
        name="build",
        title=f"Build on image {image}",
        fields=(
            Field("command", "Command", "command", _HINT, remembered=False),
            Field("home", "Home", "choice", options=_HOMES),
            NAME,
        ),
        button="Build",
        hint="A command runs without a terminal; its output goes to the job log.",
        check=check,
        line=line,
        look=lambda values: look_at(store, image, values.get("command", "")),
        taken=taken_names(forest),
    )


def building(store: Store, image: int, values: Values) -> Work:
    """Return the work of a job that builds the image."""
    from plashui.ui.model import recipes
    from plashui.ui.model.forms import command_of, new_name
    from plashui.ui.model.sources import made

    if recipes.is_recipe(values["command"]):
        return recipes.building(store, image, values)
    command, name = command_of(values["command"]), new_name(values)

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.operations.build import build

        name.check(store)
        image_made = build(
            *(store, image, command),
            share_home=values.get("home") == "shared",
            report=report,
            cancel=cancel,
        )
        name.give(store, image_made)
        return made(image_made, name)

    return work

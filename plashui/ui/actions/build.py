"""Actions that make new images from those of the store: build, config and squash."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.dialogs.plan import PlanScreen
    from plashui.ui.dialogs.squash import Planned
    from plashui.ui.model.forms.config import Wanted
    from plashui.ui.model.forms.form import Form, Values
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class BuildActions(ActionFamily):
    """Build and squash images, each as a background job; change their config."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Act on the image under the cursor of `view`."""
        super().__init__(view)
        self.reader, self.jobs = reader, jobs

    def build(self) -> None:
        """Ask what makes the new image: a command, a shell, or a file."""
        image = self.view.image
        if self.view.refused() or (image and self.view.image_or_tell() is None):
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.builds.form import build_form

        form = build_form(self.view.store, image, self.view.forest)
        asked = FormScreen(form, partial(self._plan, image))
        self.view.ask(asked, partial(self._build, image))

    def _plan(self, image: int | None, values: Values) -> PlanScreen | None:
        """Return the plan of macros or a file, which is shown before it is done."""
        from plashui.ui.dialogs.plan import PlanScreen
        from plashui.ui.model.builds.wanted import wanted

        build = wanted(image, values)
        return PlanScreen(self.view.store, build) if build else None

    def _build(self, image: int | None, values: Values | None) -> None:
        if values is None:
            return
        from plashui.ui.model.builds.wanted import wanted

        build = wanted(image, values)
        if build is not None:
            from plashui.ui.model.builds.work import work_of
            from plashui.ui.model.forms.new_image import new_name

            self.jobs.start(
                build.title(), work_of(self.view.store, build, new_name(values))
            )
        elif image is not None and values.get("command"):
            from plashui.store.run_spec import build_way
            from plashui.ui.model.builds.work import CommandBuild
            from plashui.ui.model.forms.new_image import new_name
            from plashui.ui.model.forms.typed import command_of

            title = f"Build {values['command']} on {image}"
            share = values.get("home") == "shared"
            way = build_way(command_of(values["command"]), share_home=share)
            work = CommandBuild(self.view.store, image, way, new_name(values))
            self.jobs.start(title, work)
        elif image is not None:
            from plashui.store.run_spec import Way
            from plashui.ui.model.forms.new_image import new_name
            from plashui.ui.screens.shell import ImageShell

            way, name = Way(build=True, home=values.get("home", "")), new_name(values)
            shell = ImageShell(self.view, self.reader)
            self.view.at_terminal(partial(shell.use, image, way, name=name))

    def config(self) -> None:
        """Ask how the image under the cursor is to be run."""
        if self.view.refused() or (image := self.view.image_or_tell()) is None:
            return
        self.view.in_thread(self._look_for_config, image)

    def _look_for_config(self, image: int) -> None:
        """Read the config of the image and make the form of it, in a thread."""
        from plashui.image.config_of import effective_config
        from plashui.ui.model.forms.config import Wanted, config_form

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
        from plashui.ui.model.forms.config import amends
        from plashui.ui.model.forms.new_image import new_name

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

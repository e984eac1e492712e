"""Actions that run a shell or a command in an image, isolated or not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.actions.remove import RemoveActions
    from plashui.ui.dialogs.shells.resume import Chosen
    from plashui.ui.model.forms.form import Values
    from plashui.ui.screens.shell import ImageShell
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class RunActions(ActionFamily):
    """Run shells and commands in images; they take over the terminal."""

    def __init__(
        self, view: StoreView, reader: StoreReader, remove: RemoveActions
    ) -> None:
        """Run in the image under the cursor; `remove` discards old changes."""
        super().__init__(view)
        self.reader, self.remove = reader, remove

    def shell(self) -> None:
        """Open a shell in the image under the cursor, or resume unsaved changes.

        Where a long chain is folded, unfold it: there is no image to be seen.
        """
        if self.view.unfolded():
            return  # what the footer promises: nothing is to be told
        image = self.view.image_or_tell()
        if image is None:
            return
        from plashui.store.changes.saved_changes import kept

        try:
            found = kept(self.view.store, image)
        except (PlashError, OSError) as error:
            self.host.fail(error)
            return
        if not found:
            self._fresh_shell(image)
            return
        from plashui.ui.dialogs.shells.resume import ResumeScreen

        here = self.view.changes
        screen = ResumeScreen(self.view.store, image, found, here.name if here else "")
        self.view.ask(screen, self._resume)

    def _shell(self) -> ImageShell:
        from plashui.ui.screens.shell import ImageShell

        return ImageShell(self.view, self.reader)

    def _fresh_shell(self, image: int) -> None:
        self.view.at_terminal(partial(self._shell().use, image))

    def _resume(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        if chosen.what == "clean":
            self._fresh_shell(chosen.kept.image)
        elif self.view.refused():
            return
        elif chosen.what == "resume":
            self.view.at_terminal(partial(self._shell().go_on, chosen.kept))
        else:
            self.view.in_thread(self.remove.discard_changes, chosen.kept)

    def isolated(self) -> None:
        """Open an isolated shell in the image under the cursor."""
        image = self.view.image_or_tell()
        if image is None:
            return
        from plashui.store.run_spec import NO_HISTORY, Way

        # The home is the image's own: a fresh one would show up as a change.
        way = Way(isolated=True, variables=(NO_HISTORY,))
        self.view.at_terminal(partial(self._shell().use, image, way))

    def run(self) -> None:
        """Show the form for running a command in the image under the cursor."""
        image = self.view.image_or_tell()
        if image is None:
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.forms.run import run_form

        keeps, home = not self.host.read_only, self.host.config.shell_home
        form = run_form(image, self.view.store.root, keeps=keeps, home=home)
        self.view.ask(FormScreen(form), partial(self._run, image))

    def _run(self, image: int, values: Values | None) -> None:
        if values is None:
            return
        from plashui.ui.model.forms.run import is_thrown_away, way_of

        way, thrown_away = way_of(values), is_thrown_away(values)
        run = self._shell().run_command
        self.view.at_terminal(partial(run, image, way, thrown_away=thrown_away))

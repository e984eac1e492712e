"""Getting into an image: a shell, a command, both isolated or not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActingScreen

if TYPE_CHECKING:
    from plashui.ui.dialogs.resume import Chosen
    from plashui.ui.model.forms import Values


class Entering(ActingScreen):
    """The terminal is lent to what runs in an image."""

    def action_shell(self) -> None:
        """A shell in the image under the cursor; or on with what was kept of it."""
        image = self.image
        if self.nothing_under_cursor() or image is None:
            return
        from plashui.store.saved_changes import kept

        try:
            found = kept(self.store, image)
        except (PlashError, OSError) as error:
            self.plashui.fail(error)
            return
        if not found:
            self._fresh_shell(image)
            return
        from plashui.ui.dialogs.resume import ResumeScreen

        here = self.table.changes
        screen = ResumeScreen(self.store, image, found, here.name if here else "")
        self.app.push_screen(screen, self._resume)

    def _fresh_shell(self, image: int) -> None:
        from plashui.ui.screens.shell import use_shell

        self.at_terminal(partial(use_shell, self, image))

    def _resume(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        if chosen.what == "clean":
            self._fresh_shell(chosen.kept.image)
        elif self.refused():
            return
        elif chosen.what == "resume":
            from plashui.ui.screens.shell import go_on

            self.at_terminal(partial(go_on, self, chosen.kept))
        else:
            self.in_thread(self.discard_changes, chosen.kept)

    def action_isolated(self) -> None:
        """A shell that is isolated, in the image under the cursor."""
        image = self.image
        if self.nothing_under_cursor() or image is None:
            return
        from plashui.store.run_spec import NO_HISTORY, Way
        from plashui.ui.screens.shell import use_shell

        # Its home is the image's: else a look around would always be a change.
        way = Way(isolated=True, variables=(NO_HISTORY,))
        self.at_terminal(partial(use_shell, self, image, way))

    def action_run(self) -> None:
        """Ask what to run in the image under the cursor."""
        image = self.image
        if self.nothing_under_cursor() or image is None:
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.dialogs.run_form import run_form

        keeps, home = not self.plashui.read_only, self.plashui.config.shell_home
        form = run_form(image, self.store.root, keeps=keeps, home=home)
        self.app.push_screen(FormScreen(form), partial(self._run, image))

    def _run(self, image: int, values: Values | None) -> None:
        if values is None:
            return
        from plashui.ui.dialogs.run_form import is_thrown_away, way_of
        from plashui.ui.screens.shell import run_command

        way, thrown_away = way_of(values), is_thrown_away(values)
        self.at_terminal(
            partial(run_command, self, image, way, thrown_away=thrown_away)
        )
